#include <doctest/doctest.h>

#include <string>

#include "common/wire/payload.h"
#include "telemetry.pb.h"

namespace edgefeed {
namespace {

DeviceInfo SomeInfo() {
  return DeviceInfo{.boot_id = "boot",
                    .run_id = "run",
                    .agent_version = "0.1.0",
                    .kernel_release = "6.1.0",
                    .machine = "armv7l",
                    .operating_system = "Debian",
                    .labels = {{"rack", "3"}, {"site", "lab"}}};
}

Sample SomeSample(std::vector<Reading> readings) {
  return Sample{.sequence = 7,
                .time = FromUnixMillis(1'700'000'000'123),
                .cpu_usage_percent = 12.5,
                .memory_used_mib = 512.25,
                .readings = std::move(readings)};
}

// Numbers of the fields that are set.
std::vector<int> SetFields(const google::protobuf::Message& message) {
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  std::vector<int> numbers;
  for (const auto* field : fields) numbers.push_back(field->number());
  return numbers;
}

TEST_CASE("the original dialect has the four original fields and no other") {
  SeriesTable series(10);
  const PayloadEncoder encoder("edge-07", SomeInfo(), series);
  telemetry::MetricsPayload payload;
  payload.set_ping(true);  // Left over from the payload before.

  encoder.EncodeOriginal(SomeSample({{*series.Intern({"load1", {}}), 0.5}}), payload);

  CHECK(SetFields(payload) == std::vector{1, 2, 3, 4});
  CHECK(payload.service_name() == "edge-07");
  CHECK(payload.cpu_usage() == 12.5);
  CHECK(payload.memory_mb() == 512.25);
  CHECK(payload.timestamp_ms() == 1'700'000'000'123);
}

TEST_CASE("the full dialect introduces the device once and each series when it is first used") {
  SeriesTable series(10);
  const SeriesId load = *series.Intern({"load1", {}});
  const SeriesId sda = *series.Intern({"disk", {{"device", "sda"}}});
  PayloadEncoder encoder("edge-07", SomeInfo(), series);
  telemetry::MetricsPayload payload;

  encoder.EncodeFull(SomeSample({{sda, 1}}), payload);
  CHECK(payload.sequence() == 7);
  CHECK(payload.device().run_id() == "run");
  CHECK(payload.new_series_size() == 1);
  CHECK(payload.new_series(0).metric() == "disk");
  CHECK(payload.reading_series(0) == 0);  // By order of use, not by our own number.

  const SeriesId late = *series.Intern({"uptime", {}});
  encoder.EncodeFull(SomeSample({{load, 2}, {sda, 3}, {late, 4}}), payload);
  CHECK_FALSE(payload.has_device());
  REQUIRE(payload.new_series_size() == 2);
  CHECK(payload.new_series(0).metric() == "load1");
  CHECK(payload.new_series(1).metric() == "uptime");
  CHECK(std::vector<std::uint32_t>(payload.reading_series().begin(),
                                   payload.reading_series().end()) ==
        std::vector<std::uint32_t>{1, 0, 2});

  encoder.EncodeFull(SomeSample({{load, 5}, {sda, 6}}), payload);
  CHECK(payload.new_series_size() == 0);
  CHECK(payload.reading_value_size() == 2);
}

TEST_CASE("a new stream starts its own numbers") {
  SeriesTable series(10);
  const SeriesId load = *series.Intern({"load1", {}});
  telemetry::MetricsPayload payload;
  for (int stream = 0; stream < 2; ++stream) {
    PayloadEncoder encoder("edge-07", SomeInfo(), series);
    encoder.EncodeFull(SomeSample({{load, 1}}), payload);
    CHECK(payload.has_device());
    CHECK(payload.new_series_size() == 1);
  }
}

TEST_CASE("a ping has a name and nothing else") {
  SeriesTable series(10);
  const PayloadEncoder encoder("edge-07", SomeInfo(), series);
  telemetry::MetricsPayload payload;
  encoder.EncodeOriginal(SomeSample({}), payload);

  encoder.EncodePing(payload);

  CHECK(SetFields(payload) == std::vector{1, 15});
  CHECK(payload.service_name() == "edge-07");
  CHECK(payload.ping());
}

TEST_CASE("a time before 1970 is sent as 0") {
  SeriesTable series(1);
  const PayloadEncoder encoder("edge-07", SomeInfo(), series);
  telemetry::MetricsPayload payload;
  encoder.EncodeOriginal(Sample{.time = WallTime(std::chrono::hours(-1))}, payload);
  CHECK(payload.timestamp_ms() == 0);
}

}  // namespace
}  // namespace edgefeed
