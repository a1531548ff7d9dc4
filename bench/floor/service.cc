#include "bench/floor/service.h"

#include <grpcpp/alarm.h>

#include <algorithm>
#include <chrono>
#include <mutex>

namespace edgefeed::bench {
namespace {

constexpr double kCpuHighPercent = 90;
constexpr std::uint32_t kShortestIntervalMs = 500;  // The contract's.

void FillConstant(const telemetry::MetricsRequest& request, telemetry::MetricsResponse& response) {
  response.set_service_name(request.service_name());
  response.set_cpu_usage(12.5);
  response.set_memory_mb(812.25);
  response.set_request_count(123'456);
  response.set_timestamp_ms(1'750'000'000'000);
}

class LiveFeedReactor final
    : public grpc::ServerBidiReactor<telemetry::MetricsPayload, telemetry::AlertResponse> {
 public:
  LiveFeedReactor() {
    alert_.set_alert_type("CPU_HIGH");
    StartSendInitialMetadata();
    StartRead(&payload_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::OK);
    if (payload_.cpu_usage() > kCpuHighPercent) return Answer();
    StartRead(&payload_);
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::OK);
    StartRead(&payload_);
  }

  void OnDone() override { delete this; }

 private:
  void Answer() {
    alert_.set_message("bench: cpu_usage 95.5 is above 90");
    alert_.set_value(payload_.cpu_usage());
    alert_.set_timestamp_ms(payload_.timestamp_ms());
    StartWrite(&alert_);
  }

  telemetry::MetricsPayload payload_;
  telemetry::AlertResponse alert_;
};

// One update at once and then one per interval. The lock is for the end: a cancellation must find
// the alarm either not yet set, and keep it so, or set.
class SubscribeReactor final : public grpc::ServerWriteReactor<telemetry::MetricsResponse> {
 public:
  explicit SubscribeReactor(const telemetry::MetricsRequest& request)
      : interval_(std::max(request.interval_ms(), kShortestIntervalMs)),
        due_(std::chrono::system_clock::now()) {
    FillConstant(request, response_);
    StartWrite(&response_);
  }

  void OnWriteDone(bool ok) override {
    const std::scoped_lock lock(mutex_);
    if (!ok || cancelled_) return Finish(grpc::Status::OK);
    due_ += interval_;
    alarm_.Set(due_, [this](bool expired) {
      if (!expired) return Finish(grpc::Status::OK);
      StartWrite(&response_);
    });
  }

  void OnCancel() override {
    const std::scoped_lock lock(mutex_);
    cancelled_ = true;
    alarm_.Cancel();
  }

  void OnDone() override { delete this; }

 private:
  const std::chrono::milliseconds interval_;
  std::chrono::system_clock::time_point due_;
  telemetry::MetricsResponse response_;
  std::mutex mutex_;
  bool cancelled_ = false;
  grpc::Alarm alarm_;
};

}  // namespace

grpc::ServerUnaryReactor* FloorService::GetSnapshot(grpc::CallbackServerContext* context,
                                                    const telemetry::MetricsRequest* request,
                                                    telemetry::MetricsResponse* response) {
  FillConstant(*request, *response);
  auto* reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

grpc::ServerWriteReactor<telemetry::MetricsResponse>* FloorService::Subscribe(
    grpc::CallbackServerContext* /*context*/, const telemetry::MetricsRequest* request) {
  return new SubscribeReactor(*request);
}

grpc::ServerBidiReactor<telemetry::MetricsPayload, telemetry::AlertResponse>*
FloorService::LiveFeed(grpc::CallbackServerContext* /*context*/) {
  return new LiveFeedReactor;
}

}  // namespace edgefeed::bench
