#pragma once

#include <chrono>
#include <memory>

#include "collector/access/access.h"
#include "collector/app/config.h"
#include "collector/app/tls_stage.h"
#include "collector/enrol/enrol_desk.h"
#include "collector/rpc/call_gate.h"
#include "collector/rpc/enrolment_service.h"
#include "collector/rpc/grpc_server.h"
#include "collector/stats.h"
#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/runtime/strand.h"

namespace edgefeed {

// The port where devices get their certificates, and what answers there. It has no other services:
// who comes has no certificate yet. From the main thread.
class EnrolmentStage {
 public:
  struct Parts {
    const Clock& clock;
    Access& access;
    TlsStage& tls;
    CollectorStats& stats;
  };

  // Precondition: config.enrolment.listen, and config.tls. The error says what is wrong with the
  // CA, or that it did not issue the collector's certificate. `parts` must outlive it.
  static Result<std::unique_ptr<EnrolmentStage>> Start(const CollectorConfig& config,
                                                       const Parts& parts);
  ~EnrolmentStage();
  EnrolmentStage(const EnrolmentStage&) = delete;
  EnrolmentStage& operator=(const EnrolmentStage&) = delete;

  GrpcServer& server() { return *server_; }

 private:
  explicit EnrolmentStage(const Clock& clock) : strand_("enrol", clock) {}
  Status Open(const CollectorConfig& config, const Parts& parts);

  Strand strand_;
  std::unique_ptr<EnrolDesk> desk_;
  std::unique_ptr<CallGate> gate_;
  std::unique_ptr<EnrolmentServiceImpl> service_;
  std::unique_ptr<GrpcServer> server_;
};

}  // namespace edgefeed
