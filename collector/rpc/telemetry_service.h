#pragma once

#include <cstdint>

#include "collector/ports.h"
#include "collector/rpc/call_gate.h"
#include "collector/rpc/live_feed.h"
#include "collector/rpc/shards.h"
#include "collector/stats.h"
#include "telemetry.grpc.pb.h"

namespace edgefeed {

struct TelemetryLimits {
  FeedLimits feed;
  std::uint32_t subscribers = 10'000;
};

// The methods of the telemetry contract. All references must outlive it.
class TelemetryServiceImpl final : public telemetry::TelemetryService::CallbackService {
 public:
  TelemetryServiceImpl(Shards& shards, FleetReader& reader, const TelemetryLimits& limits,
                       CollectorStats& stats, const CallGate& gate);

  grpc::ServerUnaryReactor* GetSnapshot(grpc::CallbackServerContext* context,
                                        const telemetry::MetricsRequest* request,
                                        telemetry::MetricsResponse* response) override;
  grpc::ServerWriteReactor<telemetry::MetricsResponse>* Subscribe(
      grpc::CallbackServerContext* context, const telemetry::MetricsRequest* request) override;
  grpc::ServerBidiReactor<telemetry::MetricsPayload, telemetry::AlertResponse>* LiveFeed(
      grpc::CallbackServerContext* context) override;

 private:
  Shards& shards_;
  FleetReader& reader_;
  TelemetryLimits limits_;
  CollectorStats& stats_;
  const CallGate& gate_;
};

}  // namespace edgefeed
