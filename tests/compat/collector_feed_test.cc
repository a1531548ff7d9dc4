// An original client's LiveFeed to our collector.

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tests/compat/original_client.h"

namespace edgefeed::compat {
namespace {

using doctest::Contains;

doctest::String Text(const std::string& text) { return {text.c_str()}; }

TEST_CASE("an original client gets each alert while it is still sending") {
  RunningCollector collector;
  OriginalFeed feed(collector);
  const auto high_cpu = Payload("plant-7", 90.5, 100);

  REQUIRE(feed.Send(Payload("plant-7", 90, 4096)));  // At the thresholds, not above.
  REQUIRE(feed.Send(high_cpu));
  const auto cpu_alert = feed.NextAlert();

  REQUIRE(cpu_alert);
  CHECK(cpu_alert->alert_type() == "CPU_HIGH");
  CHECK(cpu_alert->value() == 90.5);
  CHECK(cpu_alert->timestamp_ms() == high_cpu.timestamp_ms());
  CHECK(Text(cpu_alert->message()) == Contains("plant-7"));
  CHECK(Text(cpu_alert->message()) == Contains("90.5"));

  REQUIRE(feed.Send(Payload("plant-7", 10, 5000)));
  const auto memory_alert = feed.NextAlert();

  REQUIRE(memory_alert);
  CHECK(memory_alert->alert_type() == "MEMORY_HIGH");
  CHECK(memory_alert->value() == 5000);
  CHECK(Text(memory_alert->message()) == Contains("4096"));
  CHECK(feed.End().ok());
  CHECK(feed.alerts() == 2);
}

TEST_CASE("an original client gets firing alerts and nothing else") {
  RunningCollector collector;
  OriginalFeed feed(collector);

  for (int i = 0; i < 200; ++i) {
    // Fires, goes on firing for a while, resolves: twice.
    const double cpu = i % 100 < 50 ? 95 : 5;
    REQUIRE(feed.Send(Payload("device", cpu, 100)));
  }

  CHECK(feed.End().ok());
  CHECK(feed.alerts() == 2);
}

TEST_CASE("a bad payload ends the feed with the number of the payload and the name of the field") {
  struct Bad {
    std::string field;
    telemetry::MetricsPayload payload;
  };
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  auto future = Payload("device", 1, 1);
  future.set_timestamp_ms(NowMillis() + 7 * 86'400'000ULL);
  auto far_future = Payload("device", 1, 1);
  far_future.set_timestamp_ms(std::numeric_limits<std::uint64_t>::max());
  const std::vector<Bad> bad = {
      {"cpu_usage", Payload("device", kNan, 1)},
      {"cpu_usage", Payload("device", kInfinity, 1)},
      {"cpu_usage", Payload("device", -1, 1)},
      {"cpu_usage", Payload("device", 101, 1)},
      {"memory_mb", Payload("device", 1, kNan)},
      {"memory_mb", Payload("device", 1, -kInfinity)},
      {"memory_mb", Payload("device", 1, -0.5)},
      {"memory_mb", Payload("device", 1, 1e300)},
      {"service_name", Payload("", 1, 1)},
      {"service_name", Payload(std::string(10'000, 'x'), 1, 1)},
      {"service_name", Payload("white space", 1, 1)},
      {"service_name", Payload("another-device", 1, 1)},
      {"timestamp_ms", future},
      {"timestamp_ms", far_future},
  };
  RunningCollector collector;
  for (const Bad& one : bad) {
    CAPTURE(one.payload.ShortDebugString().substr(0, 200));
    OriginalFeed feed(collector);
    REQUIRE(feed.Send(Payload("device", 1, 1)));
    feed.Send(one.payload);

    const grpc::Status status = feed.End();

    CHECK(status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
    CHECK(Text(status.error_message()) == Contains(one.field.c_str()));
    CHECK(Text(status.error_message()) == Contains("payload 2"));
    CHECK(status.error_message().size() < 300);
  }
}

TEST_CASE("a client whose feed has ended may open the next at once, as often as it likes") {
  RunningCollector collector;
  for (int i = 0; i < 50; ++i) {
    CAPTURE(i);
    FeedAll(collector, {Payload("device", 1, 1)});
    OriginalFeed refused(collector);
    REQUIRE(refused.Send(Payload("device", 1, 1)));
    refused.Send(Payload("device", -1, 1));
    const grpc::Status status = refused.End();
    REQUIRE_MESSAGE(status.error_code() == grpc::StatusCode::INVALID_ARGUMENT,
                    status.error_message());
  }
}

TEST_CASE("a newer feed of the same device replaces the old one, which is told why") {
  RunningCollector collector;
  OriginalFeed first(collector);
  REQUIRE(first.Send(Payload("device", 95, 1)));
  REQUIRE(first.NextAlert());

  OriginalFeed second(collector);
  // The rule fires already for this device: another one tells that the payload has arrived.
  REQUIRE(second.Send(Payload("device", 95, 5000)));
  REQUIRE(second.NextAlert());

  const grpc::Status status = first.End();
  CHECK(status.error_code() == grpc::StatusCode::ABORTED);
  CHECK(Text(status.error_message()) == Contains("device"));
  CHECK(second.End().ok());
}

}  // namespace
}  // namespace edgefeed::compat
