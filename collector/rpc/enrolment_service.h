#pragma once

#include "collector/enrol/enrol_desk.h"
#include "collector/rpc/call_gate.h"
#include "collector/stats.h"
#include "enrolment.grpc.pb.h"

namespace edgefeed {

// How devices get their certificates. All references must outlive it, and its calls.
class EnrolmentServiceImpl final : public Enrolment::CallbackService {
 public:
  EnrolmentServiceImpl(EnrolDesk& desk, CollectorStats& stats, const CallGate& gate)
      : desk_(desk), stats_(stats), gate_(gate) {}

  grpc::ServerUnaryReactor* Enrol(grpc::CallbackServerContext* context, const EnrolRequest* request,
                                  EnrolReply* reply) override;
  grpc::ServerUnaryReactor* Renew(grpc::CallbackServerContext* context, const RenewRequest* request,
                                  EnrolReply* reply) override;

 private:
  EnrolDesk& desk_;
  CollectorStats& stats_;
  const CallGate& gate_;
};

}  // namespace edgefeed
