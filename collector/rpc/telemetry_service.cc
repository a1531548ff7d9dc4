#include "collector/rpc/telemetry_service.h"

#include "collector/rpc/response.h"
#include "collector/rpc/subscribe.h"
#include "common/rpc/status.h"

namespace edgefeed {

TelemetryServiceImpl::TelemetryServiceImpl(Shards& shards, FleetReader& reader,
                                           const TelemetryLimits& limits, CollectorStats& stats)
    : shards_(shards), reader_(reader), limits_(limits), stats_(stats) {}

grpc::ServerUnaryReactor* TelemetryServiceImpl::GetSnapshot(
    grpc::CallbackServerContext* context, const telemetry::MetricsRequest* request,
    telemetry::MetricsResponse* response) {
  auto* reactor = context->DefaultReactor();
  if (request->service_name().empty()) {
    reactor->Finish({grpc::StatusCode::INVALID_ARGUMENT,
                     "service_name is empty; GetSnapshot wants one device"});
    return reactor;
  }
  const Detail detail = request->detail() == telemetry::MetricsRequest::READINGS
                            ? Detail::kReadings
                            : Detail::kHeadline;
  reader_.Get(request->service_name(), detail,
              [reactor, response, detail](const Result<DeviceSnapshot>& snapshot) {
                if (!snapshot) return reactor->Finish(ToGrpc(snapshot.error()));
                ToWire(*snapshot, detail, *response);
                reactor->Finish(grpc::Status::OK);
              });
  return reactor;
}

grpc::ServerWriteReactor<telemetry::MetricsResponse>* TelemetryServiceImpl::Subscribe(
    grpc::CallbackServerContext* context, const telemetry::MetricsRequest* request) {
  return NewSubscribe(*context, *request, shards_, limits_.subscribers, stats_);
}

grpc::ServerBidiReactor<telemetry::MetricsPayload, telemetry::AlertResponse>*
TelemetryServiceImpl::LiveFeed(grpc::CallbackServerContext* context) {
  return NewLiveFeed(*context, shards_, limits_.feed, stats_);
}

}  // namespace edgefeed
