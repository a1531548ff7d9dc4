#pragma once

#include "telemetry.grpc.pb.h"

namespace edgefeed::bench {

// The floor under any collector on this gRPC: it takes payloads and keeps nothing of them, answers
// one over the threshold of the default rule CPU_HIGH with an alert, and anything else with
// constants.
class FloorService final : public telemetry::TelemetryService::CallbackService {
 public:
  grpc::ServerUnaryReactor* GetSnapshot(grpc::CallbackServerContext* context,
                                        const telemetry::MetricsRequest* request,
                                        telemetry::MetricsResponse* response) override;
  grpc::ServerWriteReactor<telemetry::MetricsResponse>* Subscribe(
      grpc::CallbackServerContext* context, const telemetry::MetricsRequest* request) override;
  grpc::ServerBidiReactor<telemetry::MetricsPayload, telemetry::AlertResponse>* LiveFeed(
      grpc::CallbackServerContext* context) override;
};

}  // namespace edgefeed::bench
