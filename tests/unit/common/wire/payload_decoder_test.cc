#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <string>

#include "common/wire/payload.h"
#include "telemetry.pb.h"

namespace edgefeed {
namespace {

using telemetry::MetricsPayload;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
const WallTime kNow = FromUnixMillis(1'700'000'000'000);

MetricsPayload GoodPayload() {
  MetricsPayload payload;
  payload.set_service_name("edge-07");
  payload.set_cpu_usage(50);
  payload.set_memory_mb(100);
  payload.set_timestamp_ms(UnixMillis(kNow));
  return payload;
}

void Announce(MetricsPayload& payload, const std::string& metric) {
  payload.add_new_series()->set_metric(metric);
}

void Read(MetricsPayload& payload, std::uint32_t series, double value) {
  payload.add_reading_series(series);
  payload.add_reading_value(value);
}

// A receiver with a table of its own.
struct Receiver {
  explicit Receiver(const PayloadLimits& limits = {}, std::size_t table = 1000)
      : series(table),
        decoder(limits, [this](const Series& added) { return series.Intern(added); }) {}
  SeriesTable series;
  PayloadDecoder decoder;
};

std::string WhyNot(const MetricsPayload& payload) {
  Receiver receiver;
  const auto sample = receiver.decoder.Decode(payload, kNow);
  REQUIRE_FALSE(sample);
  CHECK(sample.error().code == Code::kInvalidArgument);
  return sample.error().message;
}

using Named = std::map<std::string, double>;

Named ByName(const SeriesTable& series, const Sample& sample) {
  Named named;
  for (const Reading& reading : sample.readings) {
    named.emplace(ToString(series[reading.series]), reading.value);
  }
  return named;
}

TEST_CASE("an original client's payload is a sample without readings") {
  Receiver receiver;
  const auto sample = receiver.decoder.Decode(GoodPayload(), kNow);
  REQUIRE(sample);
  CHECK(sample->sequence == 0);
  CHECK(sample->time == kNow);
  CHECK(sample->cpu_usage_percent == 50);
  CHECK(sample->memory_used_mib == 100);
  CHECK(sample->readings.empty());
  CHECK(receiver.decoder.info() == nullptr);
}

TEST_CASE("what several streams encode is what one shard decodes") {
  std::mt19937 random(20'240'601);
  SeriesTable shard(1000);
  for (int stream = 0; stream < 4; ++stream) {
    SeriesTable agent(1000);
    const DeviceInfo info{.boot_id = "b",
                          .run_id = "run-" + std::to_string(stream),
                          .agent_version = "0.1.0",
                          .kernel_release = "6.1",
                          .machine = "x86_64",
                          .operating_system = "Debian",
                          .labels = {{"site", "lab"}}};
    PayloadEncoder encoder("edge-07", info, agent);
    PayloadDecoder decoder({}, [&](const Series& added) { return shard.Intern(added); });
    for (std::uint64_t sequence = 1; sequence <= 50; ++sequence) {
      CAPTURE(stream);
      CAPTURE(sequence);
      Sample sent{.sequence = sequence,
                  .time = kNow - std::chrono::milliseconds(sequence),
                  .since_boot = {},
                  .cpu_usage_percent = static_cast<double>(random() % 101),
                  .memory_used_mib = static_cast<double>(random() % 100'000),
                  .readings = {}};
      for (int i = 0; i < 20; ++i) {
        const auto id = agent.Intern({"m" + std::to_string(random() % 60), {{"l", "v"}}});
        sent.readings.push_back({*id, static_cast<double>(random())});
      }
      MetricsPayload payload;
      encoder.EncodeFull(sent, payload);
      MetricsPayload received;
      REQUIRE(received.ParseFromString(payload.SerializeAsString()));

      const auto sample = decoder.Decode(received, kNow);

      REQUIRE(sample);
      CHECK(sample->sequence == sent.sequence);
      CHECK(sample->time == sent.time);
      CHECK(sample->cpu_usage_percent == sent.cpu_usage_percent);
      CHECK(sample->memory_used_mib == sent.memory_used_mib);
      CHECK(ByName(shard, *sample) == ByName(agent, sent));
      REQUIRE(decoder.info());
      CHECK(*decoder.info() == info);
    }
    CHECK(decoder.dropped_readings() == 0);
  }
  CHECK(shard.size() <= 60);  // The streams share the shard's numbers.
}

TEST_CASE("a bad name is refused") {
  MetricsPayload payload = GoodPayload();
  payload.set_service_name("");
  CHECK(WhyNot(payload) == "service_name is empty");
  payload.set_service_name("a/b");
  CHECK(WhyNot(payload) == "service_name 'a/b' may only hold letters, digits and . _ : -");
  payload.set_service_name(std::string(10'240, 'n'));
  CHECK(WhyNot(payload) == "service_name '" + std::string(40, 'n') +
                               "…' has 10240 characters, at most 128 are allowed");
}

TEST_CASE("cpu_usage outside 0 to 100 percent is refused") {
  const std::pair<double, const char*> cases[] = {
      {101, "101"},       {100.5, "100.5"},     {-1, "-1"},           {-0.001, "-0.001"},
      {kInfinity, "inf"}, {-kInfinity, "-inf"}, {std::nan(""), "nan"}};
  for (const auto& [value, shown] : cases) {
    MetricsPayload payload = GoodPayload();
    payload.set_cpu_usage(value);
    CHECK(WhyNot(payload) ==
          "cpu_usage is " + std::string(shown) + ", allowed is 0 to 100 percent");
  }
}

TEST_CASE("memory_mb that cannot be is refused") {
  const std::pair<double, const char*> cases[] = {
      {-1, "-1"}, {2e12, "2e+12"}, {kInfinity, "inf"}, {-kInfinity, "-inf"}, {std::nan(""), "nan"}};
  for (const auto& [value, shown] : cases) {
    MetricsPayload payload = GoodPayload();
    payload.set_memory_mb(value);
    CHECK(WhyNot(payload) == "memory_mb is " + std::string(shown) + ", allowed is 0 to 1e12 MiB");
  }
}

TEST_CASE("the values at the edges are taken") {
  for (const double cpu : {0.0, -0.0, 100.0}) {
    MetricsPayload payload = GoodPayload();
    payload.set_cpu_usage(cpu);
    payload.set_memory_mb(cpu == 100.0 ? 1e12 : 0);
    Receiver receiver;
    CHECK(receiver.decoder.Decode(payload, kNow));
  }
}

TEST_CASE(
    "a sample from far in the future is refused, an old one or a clock a little ahead is not") {
  constexpr std::uint64_t kDayMs = 24 * 3'600'000;
  MetricsPayload payload = GoodPayload();
  payload.set_timestamp_ms(UnixMillis(kNow) + kDayMs + 1);
  CHECK(WhyNot(payload) ==
        "timestamp_ms is 1700086400001, more than 86400 s ahead of the collector's clock");
  payload.set_timestamp_ms(~std::uint64_t{0});
  CHECK(WhyNot(payload).starts_with("timestamp_ms is 18446744073709551615, more than"));

  for (const std::uint64_t ms : {std::uint64_t{0}, UnixMillis(kNow) + kDayMs}) {
    payload.set_timestamp_ms(ms);
    Receiver receiver;
    CHECK(receiver.decoder.Decode(payload, kNow));
  }
}

TEST_CASE("readings that do not add up are refused") {
  MetricsPayload payload = GoodPayload();
  Announce(payload, "load1");
  Read(payload, 1, 5);
  CHECK(WhyNot(payload) == "reading_series 1 was never announced");

  payload.set_reading_series(0, ~0U);
  CHECK(WhyNot(payload) == "reading_series 4294967295 was never announced");

  payload.set_reading_series(0, 0);
  payload.add_reading_value(6);
  CHECK(WhyNot(payload) == "reading_series has 1 entries and reading_value 2");
}

TEST_CASE("a reading that is not a number is refused") {
  const std::pair<double, const char*> cases[] = {
      {std::nan(""), "nan"}, {kInfinity, "inf"}, {-kInfinity, "-inf"}};
  for (const auto& [value, shown] : cases) {
    MetricsPayload payload = GoodPayload();
    Announce(payload, "load1");
    Read(payload, 0, value);
    CHECK(WhyNot(payload) ==
          "reading_value is " + std::string(shown) + ", allowed is a finite number");
  }
}

TEST_CASE("a series must have a name and a bounded number of bounded labels") {
  MetricsPayload payload = GoodPayload();
  Announce(payload, "");
  CHECK(WhyNot(payload) == "new_series has a metric name of 0 bytes, allowed is 1 to 256");
  payload.mutable_new_series(0)->set_metric(std::string(257, 'm'));
  CHECK(WhyNot(payload) == "new_series has a metric name of 257 bytes, allowed is 1 to 256");

  payload.mutable_new_series(0)->set_metric("m");
  for (int i = 0; i < 33; ++i) payload.mutable_new_series(0)->add_labels();
  CHECK(WhyNot(payload) == "new_series m has too many or too long labels");
  payload.mutable_new_series(0)->clear_labels();
  payload.mutable_new_series(0)->add_labels()->set_value(std::string(257, 'v'));
  CHECK(WhyNot(payload) == "new_series m has too many or too long labels");
}

TEST_CASE("series over the limit are left out and counted, and the others keep their numbers") {
  Receiver receiver({.series = 2});
  MetricsPayload payload = GoodPayload();
  for (const char* metric : {"a", "b", "c"}) Announce(payload, metric);
  for (const std::uint32_t number : {0U, 1U, 2U}) Read(payload, number, number);

  const auto first = receiver.decoder.Decode(payload, kNow);
  REQUIRE(first);
  CHECK(ByName(receiver.series, *first) == Named{{"a", 0}, {"b", 1}});
  CHECK(receiver.decoder.dropped_readings() == 1);

  payload.clear_new_series();
  const auto second = receiver.decoder.Decode(payload, kNow);
  REQUIRE(second);
  CHECK(ByName(receiver.series, *second) == Named{{"a", 0}, {"b", 1}});
  CHECK(receiver.decoder.dropped_readings() == 2);
}

TEST_CASE("series that the receiver's full table cannot take are left out and counted") {
  Receiver receiver({}, 1);
  MetricsPayload payload = GoodPayload();
  for (const char* metric : {"a", "b"}) Announce(payload, metric);
  Read(payload, 1, 11);
  Read(payload, 0, 10);

  const auto sample = receiver.decoder.Decode(payload, kNow);

  REQUIRE(sample);
  CHECK(ByName(receiver.series, *sample) == Named{{"a", 10}});
  CHECK(receiver.decoder.dropped_readings() == 1);
}

TEST_CASE("a stream that announces series without end is refused") {
  Receiver receiver({.series = 2});
  MetricsPayload payload = GoodPayload();
  for (int i = 0; i < 4; ++i) Announce(payload, "m" + std::to_string(i));
  CHECK(receiver.decoder.Decode(payload, kNow));

  payload.clear_new_series();
  Announce(payload, "one too many");
  const auto refused = receiver.decoder.Decode(payload, kNow);

  REQUIRE_FALSE(refused);
  CHECK(refused.error() ==
        Error{Code::kInvalidArgument, "new_series: more than 4 series on one stream"});
}

TEST_CASE("what a device says of itself is cut to a bounded size") {
  telemetry::DeviceInfo wire;
  wire.set_operating_system(std::string(10'000, 'x'));
  for (int i = 0; i < 100; ++i) wire.add_labels()->set_value(std::string(1000, 'y'));

  const DeviceInfo info = FromWire(wire);

  CHECK(info.operating_system == std::string(256, 'x'));
  CHECK(info.labels.size() == 32);
  CHECK(info.labels[0].value.size() == 256);
}

// A string of a message must be UTF-8, or whoever is sent it cannot parse the message.
TEST_CASE("what a device says of itself is never cut inside a character") {
  for (std::size_t shift = 0; shift < 4; ++shift) {
    CAPTURE(shift);
    telemetry::DeviceInfo wire;
    std::string text(shift, 'x');
    for (int i = 0; i < 100; ++i) text += "\xf0\x9f\x9a\x80";  // One character of four bytes.
    wire.set_operating_system(text);
    telemetry::DeviceInfo again;
    ToWire(FromWire(wire), again);

    telemetry::DeviceInfo received;
    CHECK(received.ParseFromString(again.SerializeAsString()));
    CHECK(received.operating_system().size() > 250);
  }
}

TEST_CASE("what a device said stays known when later payloads do not say it") {
  Receiver receiver;
  MetricsPayload payload = GoodPayload();
  payload.mutable_device()->set_run_id("run");
  CHECK(receiver.decoder.Decode(payload, kNow));
  CHECK(receiver.decoder.Decode(GoodPayload(), kNow));
  REQUIRE(receiver.decoder.info());
  CHECK(receiver.decoder.info()->run_id == "run");
}

}  // namespace
}  // namespace edgefeed
