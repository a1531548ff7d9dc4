// Readers of the fleet: quick ones, and one that does not read.

#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <thread>

#include "tests/e2e/client.h"
#include "tests/e2e/rig.h"

namespace edgefeed::e2e {
namespace {

using namespace std::chrono_literals;
using telemetry::MetricsRequest;
using telemetry::MetricsResponse;

// Feeds as long as it lives, every 100 ms.
class SteadyDevice {
 public:
  SteadyDevice(const RunningCollector& collector, const std::string& name, int readings)
      : feed_(Connect(collector.address()), name, "run-of-" + name) {
    feed_.SetReadings(readings);
    REQUIRE(feed_.SendAndAwaitAck());
    thread_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested() && feed_.Send()) LetPass(100ms);
    });
  }

 private:
  DeviceFeed feed_;
  std::jthread thread_;
};

class Subscriber {
 public:
  Subscriber(const RunningCollector& collector, const std::string& device,
             std::uint32_t interval_ms)
      : stub_(telemetry::TelemetryService::NewStub(Connect(collector.address()))) {
    MetricsRequest request;
    request.set_service_name(device);
    request.set_interval_ms(interval_ms);
    request.set_detail(MetricsRequest::READINGS);
    context_.set_deadline(std::chrono::system_clock::now() + 180s);
    reader_ = stub_->Subscribe(&context_, request);
  }
  ~Subscriber() { context_.TryCancel(); }
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  bool Read(MetricsResponse& response) { return reader_->Read(&response); }
  grpc::Status ReadToEnd() {
    MetricsResponse response;
    while (Read(response)) {
    }
    return reader_->Finish();
  }

 private:
  std::unique_ptr<telemetry::TelemetryService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<MetricsResponse>> reader_;
};

TEST_CASE("a reader that stops reading is ended, and the others go on") {
  RunningCollector collector;
  const SteadyDevice device(collector, "chatty", 1500);
  Subscriber stuck(collector, "chatty", 500);
  Subscriber reading(collector, "chatty", 500);
  const auto ended = [&] {
    return collector.Metric("edgefeed_collector_subscribers_ended_stalled_total");
  };

  MetricsResponse response;
  std::uint64_t newest = 0;
  const auto deadline = std::chrono::steady_clock::now() + 2 * kPatience;
  while (ended() == 0 && std::chrono::steady_clock::now() < deadline) {
    REQUIRE(reading.Read(response));
    CHECK(response.readings_size() == 1500);
    CHECK(response.request_count() > newest);
    newest = response.request_count();
  }

  CHECK(ended() == 1);
  CHECK_FALSE(stuck.ReadToEnd().ok());
  for (int i = 0; i < 3; ++i) CHECK(reading.Read(response));
  CHECK(Await([&] { return collector.Metric("edgefeed_collector_subscribers_open") == 1; }));
  CHECK(collector.program().CountLines("took nothing for 30 s") == 1);
}

TEST_CASE("updates of a device keep their distance") {
  RunningCollector collector;
  const SteadyDevice device(collector, "paced", 10);
  Subscriber subscriber(collector, "paced", 1);  // Below 500 ms counts as 500.
  MetricsResponse response;
  REQUIRE(subscriber.Read(response));

  const auto started = std::chrono::steady_clock::now();
  constexpr int kUpdates = 10;
  for (int i = 0; i < kUpdates; ++i) REQUIRE(subscriber.Read(response));

  // The first may have come late, each other one not early.
  CHECK(std::chrono::steady_clock::now() - started >= (kUpdates - 1) * 500ms);
  CHECK(response.readings_size() == 10);
}

TEST_CASE("the whole fleet at once, and a device that was never seen") {
  RunningCollector collector;
  const SteadyDevice one(collector, "one", 0);
  const SteadyDevice two(collector, "two", 0);
  Subscriber fleet(collector, "", 500);
  std::map<std::string, int> updates;
  MetricsResponse response;
  for (int i = 0; i < 8; ++i) {
    REQUIRE(fleet.Read(response));
    ++updates[response.service_name()];
  }
  CHECK(updates.size() == 2);
  CHECK(updates["one"] >= 3);
  CHECK(updates["two"] >= 3);

  Subscriber nobody(collector, "nobody", 500);
  const grpc::Status status = nobody.ReadToEnd();
  CHECK(status.error_code() == grpc::StatusCode::NOT_FOUND);
  CHECK(status.error_message().find("'nobody'") != std::string::npos);
}

}  // namespace
}  // namespace edgefeed::e2e
