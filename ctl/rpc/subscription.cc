#include "ctl/rpc/subscription.h"

#include <grpcpp/grpcpp.h>

#include <utility>

#include "common/rpc/status.h"
#include "common/runtime/scheduler.h"
#include "ctl/explain.h"
#include "ctl/rpc/messages.h"
#include "telemetry.grpc.pb.h"

namespace edgefeed {
namespace {

using telemetry::MetricsResponse;

// One Subscribe. Reactions post to the scheduler; everything else runs there.
class GrpcSubscription final : public Subscription,
                               private grpc::ClientReadReactor<MetricsResponse> {
 public:
  GrpcSubscription(const std::shared_ptr<grpc::Channel>& channel, const SubscribeRequest& request,
                   const ClientOptions& client, Scheduler& scheduler, SubscriptionEvents& events)
      : stub_(telemetry::TelemetryService::NewStub(channel)),
        json_(client.json),
        collector_(client.collector),
        scheduler_(scheduler),
        events_(events) {
    request_.set_service_name(request.device);
    request_.set_interval_ms(static_cast<std::uint32_t>(request.interval.count()));
    request_.set_detail(request.detail == SampleDetail::kReadings
                            ? telemetry::MetricsRequest::READINGS
                            : telemetry::MetricsRequest::HEADLINE);
  }

  void Start() {
    stub_->async()->Subscribe(&context_, &request_, this);
    AddHold();  // Reads start outside reactions; HandleRead() lets go.
    StartRead(&response_);
    StartCall();
  }

  void Cancel() override { context_.TryCancel(); }

 private:
  void OnReadInitialMetadataDone(bool ok) override {
    if (ok) scheduler_.Post([this] { events_.OnOpen(); });
  }
  void OnReadDone(bool ok) override {
    scheduler_.Post([this, ok] { HandleRead(ok); });
  }
  void OnDone(const grpc::Status& status) override {
    scheduler_.Post([this, status] { HandleDone(status); });
  }

  void HandleRead(bool ok) {
    if (!ok) return RemoveHold();
    events_.OnSample(FromWire(response_, json_));
    StartRead(&response_);
  }

  // `this` may be gone afterwards.
  void HandleDone(const grpc::Status& status) {
    const Error why = status.ok() ? Error{Code::kUnavailable, "the collector ended the stream"}
                                  : FromGrpc(status, context_);
    events_.OnEnd(Explain(why, collector_));
  }

  std::unique_ptr<telemetry::TelemetryService::Stub> stub_;
  JsonForm json_;
  Endpoint collector_;
  Scheduler& scheduler_;
  SubscriptionEvents& events_;
  grpc::ClientContext context_;
  telemetry::MetricsRequest request_;
  MetricsResponse response_;  // Lives here because gRPC writes it until OnReadDone.
};

}  // namespace

std::unique_ptr<Subscription> StartSubscription(const std::shared_ptr<grpc::Channel>& channel,
                                                const SubscribeRequest& request,
                                                const ClientOptions& client, Scheduler& scheduler,
                                                SubscriptionEvents& events) {
  auto subscription =
      std::make_unique<GrpcSubscription>(channel, request, client, scheduler, events);
  subscription->Start();
  return subscription;
}

}  // namespace edgefeed
