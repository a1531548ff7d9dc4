#include "bench/readers/snapshot_pollers.h"

#include <grpcpp/client_context.h>

#include <optional>

#include "bench/support/channel.h"
#include "bench/support/status_name.h"
#include "telemetry.grpc.pb.h"

namespace edgefeed::bench {

class SnapshotPollers::Poller {
 public:
  Poller(const ReadersOptions& options, ReadTotals& totals)
      : totals_(totals), stub_(telemetry::TelemetryService::NewStub(OpenChannel(options.target))) {
    request_.set_service_name(options.device);
  }

  void Poll(grpc::CompletionQueue& queue) {
    if (call_) {
      ++totals_.errors["late"];  // The last answer took more than an interval.
      return;
    }
    context_.emplace();
    call_ = stub_->PrepareAsyncGetSnapshot(&*context_, request_, &queue);
    call_->StartCall();
    call_->Finish(&response_, &status_, &finished_);
  }

 private:
  void OnFinished() {
    call_.reset();
    const bool first = !std::exchange(answered_, true);
    if (status_.ok()) {
      ++totals_.updates;
      if (first) ++totals_.connected;
    } else {
      ++totals_.errors[StatusName(status_.error_code())];
      if (first) ++totals_.refused;
    }
  }

  ReadTotals& totals_;
  std::unique_ptr<telemetry::TelemetryService::Stub> stub_;
  telemetry::MetricsRequest request_;
  telemetry::MetricsResponse response_;
  grpc::Status status_;
  std::optional<grpc::ClientContext> context_;  // One per call.
  std::unique_ptr<grpc::ClientAsyncResponseReader<telemetry::MetricsResponse>> call_;
  bool answered_ = false;

  Operation finished_{[this](bool) { OnFinished(); }};
};

SnapshotPollers::SnapshotPollers(const ReadersOptions& options) : options_(options) {
  for (std::size_t i = 0; i < options_.readers; ++i) {
    pollers_.push_back(std::make_unique<Poller>(options_, totals_));
  }
}

SnapshotPollers::~SnapshotPollers() { loop_.Drain(); }

Status SnapshotPollers::Connect(std::chrono::milliseconds limit) {
  const auto settled = [this] { return totals_.connected + totals_.refused; };
  if (StartAll(loop_, pollers_.size(), limit, [this](std::size_t i) { Poll(i); }, settled)) {
    return {};
  }
  return Error{Code::kDeadlineExceeded,
               "only " + std::to_string(totals_.connected) + " pollers have an answer"};
}

void SnapshotPollers::Run(std::chrono::milliseconds duration) {
  if (!std::exchange(polling_, true)) {
    loop_.Pace(Pacer(pollers_.size(), options_.interval, SystemClock().Steady()),
               [this](std::size_t i) { Poll(i); });
  }
  loop_.Run(duration);
}

void SnapshotPollers::Poll(std::size_t i) { pollers_[i]->Poll(loop_.queue()); }

}  // namespace edgefeed::bench
