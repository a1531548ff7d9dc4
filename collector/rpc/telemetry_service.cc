#include "collector/rpc/telemetry_service.h"

#include "collector/rpc/refusal.h"
#include "collector/rpc/response.h"
#include "collector/rpc/subscribe.h"
#include "common/rpc/status.h"

namespace edgefeed {

TelemetryServiceImpl::TelemetryServiceImpl(Shards& shards, FleetReader& reader,
                                           const TelemetryLimits& limits, CollectorStats& stats,
                                           const CallGate& gate)
    : shards_(shards), reader_(reader), limits_(limits), stats_(stats), gate_(gate) {}

grpc::ServerUnaryReactor* TelemetryServiceImpl::GetSnapshot(
    grpc::CallbackServerContext* context, const telemetry::MetricsRequest* request,
    telemetry::MetricsResponse* response) {
  const auto admitted = gate_.AdmitFor(*context, Method::kGetSnapshot, request->service_name());
  if (!admitted) return Refuse(*context, admitted.error());
  if (request->service_name().empty()) {
    return Refuse(*context,
                  {Code::kInvalidArgument, "service_name is empty; GetSnapshot wants one device"});
  }
  auto* reactor = context->DefaultReactor();
  const Detail detail = request->detail() == telemetry::MetricsRequest::READINGS
                            ? Detail::kReadings
                            : Detail::kHeadline;
  reader_.Get(request->service_name(), detail,
              [context, reactor, response, detail](const Result<DeviceSnapshot>& snapshot) {
                if (!snapshot) return reactor->Finish(ToGrpc(snapshot.error(), *context));
                ToWire(*snapshot, detail, *response);
                reactor->Finish(grpc::Status::OK);
              });
  return reactor;
}

grpc::ServerWriteReactor<telemetry::MetricsResponse>* TelemetryServiceImpl::Subscribe(
    grpc::CallbackServerContext* context, const telemetry::MetricsRequest* request) {
  auto admitted = gate_.AdmitFor(*context, Method::kSubscribe, request->service_name());
  if (!admitted) return new Refusal<telemetry::MetricsResponse>(*context, admitted.error());
  return NewSubscribe(*context, *request, shards_, limits_.subscribers, stats_,
                      *std::move(admitted));
}

grpc::ServerBidiReactor<telemetry::MetricsPayload, telemetry::AlertResponse>*
TelemetryServiceImpl::LiveFeed(grpc::CallbackServerContext* context) {
  auto admitted = gate_.Admit(*context, Method::kLiveFeed);
  if (!admitted) {
    return new RefusalOf<
        grpc::ServerBidiReactor<telemetry::MetricsPayload, telemetry::AlertResponse>>(
        *context, admitted.error());
  }
  return NewLiveFeed(*context, shards_, limits_.feed, stats_, *std::move(admitted));
}

}  // namespace edgefeed
