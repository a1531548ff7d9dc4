// An original client's GetSnapshot and Subscribe to our collector.

#include <doctest/doctest.h>

#include <chrono>
#include <set>
#include <string>

#include "tests/compat/original_client.h"

namespace edgefeed::compat {
namespace {

using doctest::Contains;
using telemetry::MetricsResponse;
using namespace std::chrono_literals;

doctest::String Text(const std::string& text) { return {text.c_str()}; }

grpc::Status GetSnapshot(RunningCollector& collector, const std::string& device,
                         MetricsResponse& response) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  telemetry::MetricsRequest request;
  request.set_service_name(device);
  return telemetry::TelemetryService::NewStub(collector.channel())
      ->GetSnapshot(&context, request, &response);
}

// One Subscribe call.
class OriginalSubscriber {
 public:
  OriginalSubscriber(RunningCollector& collector, const std::string& device,
                     std::chrono::milliseconds interval)
      : stub_(telemetry::TelemetryService::NewStub(collector.channel())) {
    context_.set_deadline(std::chrono::system_clock::now() + kPatience);
    telemetry::MetricsRequest request;
    request.set_service_name(device);
    request.set_interval_ms(static_cast<std::uint32_t>(interval.count()));
    stream_ = stub_->Subscribe(&context_, request);
  }

  std::optional<MetricsResponse> Next() {
    MetricsResponse response;
    if (!stream_->Read(&response)) return std::nullopt;
    CHECK(IsOriginal(response));
    return response;
  }

  grpc::Status Finish() { return stream_->Finish(); }
  void Cancel() { context_.TryCancel(); }

 private:
  std::unique_ptr<telemetry::TelemetryService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<MetricsResponse>> stream_;
};

TEST_CASE("an original client reads the newest sample of a device") {
  RunningCollector collector;
  const auto newest = Payload("plant-7", 42.5, 1234.25);
  FeedAll(collector, {Payload("plant-7", 1, 1), Payload("plant-7", 2, 2), newest});

  MetricsResponse response;
  const grpc::Status status = GetSnapshot(collector, "plant-7", response);

  REQUIRE_MESSAGE(status.ok(), status.error_message());
  CHECK(response.service_name() == "plant-7");
  CHECK(response.cpu_usage() == 42.5);
  CHECK(response.memory_mb() == 1234.25);
  CHECK(response.timestamp_ms() == newest.timestamp_ms());
  CHECK(response.request_count() == 3);
  CHECK(IsOriginal(response));
}

TEST_CASE("a snapshot of nothing, and of a device never seen") {
  RunningCollector collector;
  MetricsResponse response;

  CHECK(GetSnapshot(collector, "", response).error_code() == grpc::StatusCode::INVALID_ARGUMENT);

  const grpc::Status unknown = GetSnapshot(collector, "plant-8", response);
  CHECK(unknown.error_code() == grpc::StatusCode::NOT_FOUND);
  CHECK(Text(unknown.error_message()) == Contains("plant-8"));
}

TEST_CASE("a subscriber gets the newest sample at once, then only the newest of each interval") {
  struct Interval {
    std::chrono::milliseconds asked;
    std::chrono::milliseconds counts_as;
  };
  RunningCollector collector;
  FeedAll(collector, {Payload("device", 1, 1)});
  for (const Interval& interval :
       {Interval{0ms, 500ms}, Interval{100ms, 500ms}, Interval{900ms, 900ms}}) {
    CAPTURE(interval.asked.count());
    OriginalSubscriber subscriber(collector, "device", interval.asked);
    const auto first = subscriber.Next();
    const auto first_came = std::chrono::steady_clock::now();
    REQUIRE(first);
    CHECK(first->cpu_usage() == 1);

    FeedAll(collector, {Payload("device", 2, 1), Payload("device", 3, 1), Payload("device", 1, 1)});
    const auto second = subscriber.Next();
    const auto waited = std::chrono::steady_clock::now() - first_came;

    REQUIRE(second);
    CHECK(second->cpu_usage() == 1);
    CHECK(second->request_count() == first->request_count() + 3);
    // The first may have been a little late.
    CHECK(waited > interval.counts_as - 100ms);
    subscriber.Cancel();
    CHECK_FALSE(subscriber.Next());
    CHECK(subscriber.Finish().error_code() == grpc::StatusCode::CANCELLED);
  }
}

TEST_CASE("a subscriber of a device never seen") {
  RunningCollector collector;
  OriginalSubscriber subscriber(collector, "plant-8", 500ms);

  CHECK_FALSE(subscriber.Next());

  const grpc::Status status = subscriber.Finish();
  CHECK(status.error_code() == grpc::StatusCode::NOT_FOUND);
  CHECK(Text(status.error_message()) == Contains("plant-8"));
}

TEST_CASE("a subscriber of nobody in particular gets the whole fleet, newcomers too") {
  RunningCollector collector;
  FeedAll(collector, {Payload("a", 1, 1)});
  FeedAll(collector, {Payload("b", 2, 1)});
  OriginalSubscriber subscriber(collector, "", 500ms);
  std::set<std::string> seen;

  for (int i = 0; i < 2; ++i) {
    const auto response = subscriber.Next();
    REQUIRE(response);
    seen.insert(response->service_name());
  }
  FeedAll(collector, {Payload("c", 3, 1)});
  const auto newcomer = subscriber.Next();

  CHECK(seen == std::set<std::string>{"a", "b"});
  REQUIRE(newcomer);
  CHECK(newcomer->service_name() == "c");
  CHECK(newcomer->cpu_usage() == 3);
}

}  // namespace
}  // namespace edgefeed::compat
