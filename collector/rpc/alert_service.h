#pragma once

#include <chrono>
#include <cstdint>

#include "alerts.grpc.pb.h"
#include "collector/alerts/alert_desk.h"
#include "collector/rpc/call_gate.h"
#include "collector/stats.h"
#include "common/runtime/strand.h"

namespace edgefeed {

// What calls about alerts need. All references must outlive them.
struct AlertAccess {
  Strand& strand;  // The desk's.
  AlertDesk& desk;
  CollectorStats& stats;
  std::uint64_t lists = 16;      // At a time.
  std::uint64_t watchers = 256;  // The same.
  // A client that takes nothing for so long is ended.
  std::chrono::milliseconds longest_write{60'000};
};

// What operators ask about alerts, and say of them. `gate` must outlive it.
class AlertServiceImpl final : public AlertService::CallbackService {
 public:
  AlertServiceImpl(const AlertAccess& access, const CallGate& gate)
      : access_(access), gate_(gate) {}

  grpc::ServerWriteReactor<ActiveAlert>* ListAlerts(grpc::CallbackServerContext* context,
                                                    const ListAlertsRequest* request) override;
  grpc::ServerWriteReactor<WatchAlertsResponse>* WatchAlerts(
      grpc::CallbackServerContext* context, const WatchAlertsRequest* request) override;
  grpc::ServerWriteReactor<AlertHistoryEntry>* ListAlertHistory(
      grpc::CallbackServerContext* context, const ListAlertHistoryRequest* request) override;
  grpc::ServerUnaryReactor* AddSilence(grpc::CallbackServerContext* context,
                                       const AddSilenceRequest* request,
                                       AlertSilence* response) override;
  grpc::ServerWriteReactor<AlertSilence>* ListSilences(grpc::CallbackServerContext* context,
                                                       const ListSilencesRequest* request) override;
  grpc::ServerUnaryReactor* ExpireSilence(grpc::CallbackServerContext* context,
                                          const ExpireSilenceRequest* request,
                                          AlertSilence* response) override;
  grpc::ServerUnaryReactor* Acknowledge(grpc::CallbackServerContext* context,
                                        const AcknowledgeRequest* request,
                                        AcknowledgeResponse* response) override;
  grpc::ServerUnaryReactor* Unacknowledge(grpc::CallbackServerContext* context,
                                          const UnacknowledgeRequest* request,
                                          AcknowledgeResponse* response) override;

 private:
  const AlertAccess access_;
  const CallGate& gate_;
};

}  // namespace edgefeed
