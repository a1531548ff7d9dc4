#include "bench/readers/subscribers.h"

#include <grpcpp/client_context.h>

#include <algorithm>

#include "bench/support/channel.h"
#include "bench/support/status_name.h"
#include "telemetry.grpc.pb.h"

namespace edgefeed::bench {

class Subscribers::Subscriber {
 public:
  Subscriber(const ReadersOptions& options, ReadTotals& totals)
      : totals_(totals), stub_(telemetry::TelemetryService::NewStub(OpenChannel(options.target))) {
    request_.set_service_name(options.device);
    request_.set_interval_ms(static_cast<std::uint32_t>(options.interval.count()));
  }

  void Open(grpc::CompletionQueue& queue) {
    stream_ = stub_->PrepareAsyncSubscribe(&context_, request_, &queue);
    stream_->StartCall(&opened_);
  }

  void Cancel() {
    cancelled_ = true;
    context_.TryCancel();
  }

  [[nodiscard]] bool ended() const { return ended_; }

 private:
  void OnRead(bool ok) {
    if (!ok) return stream_->Finish(&status_, &finished_);
    if (updates_++ == 0) ++totals_.connected;
    ++totals_.updates;
    stream_->Read(&response_, &read_);
  }

  void OnFinished() {
    ended_ = true;
    if (cancelled_) return;
    if (updates_ == 0) ++totals_.refused;
    ++totals_.errors[StatusName(status_.error_code())];
  }

  ReadTotals& totals_;
  std::unique_ptr<telemetry::TelemetryService::Stub> stub_;
  telemetry::MetricsRequest request_;
  telemetry::MetricsResponse response_;
  grpc::ClientContext context_;
  grpc::Status status_;
  std::unique_ptr<grpc::ClientAsyncReader<telemetry::MetricsResponse>> stream_;
  std::uint64_t updates_ = 0;
  bool cancelled_ = false;
  bool ended_ = false;

  // A read after a call that failed to start fails as well, and ends it.
  Operation opened_{[this](bool) { stream_->Read(&response_, &read_); }};
  Operation read_{[this](bool ok) { OnRead(ok); }};
  Operation finished_{[this](bool) { OnFinished(); }};
};

Subscribers::Subscribers(const ReadersOptions& options) : options_(options) {
  for (std::size_t i = 0; i < options_.readers; ++i) {
    subscribers_.push_back(std::make_unique<Subscriber>(options_, totals_));
  }
}

Subscribers::~Subscribers() {
  for (const auto& subscriber : subscribers_) subscriber->Cancel();
  loop_.Run(std::chrono::seconds(30), [this] {
    return std::ranges::all_of(subscribers_, [](const auto& each) { return each->ended(); });
  });
  loop_.Drain();
}

Status Subscribers::Connect(std::chrono::milliseconds limit) {
  const auto open = [this](std::size_t i) { subscribers_[i]->Open(loop_.queue()); };
  const auto settled = [this] { return totals_.connected + totals_.refused; };
  if (StartAll(loop_, subscribers_.size(), limit, open, settled)) return {};
  return Error{Code::kDeadlineExceeded,
               "only " + std::to_string(totals_.connected) + " subscribers have an update"};
}

}  // namespace edgefeed::bench
