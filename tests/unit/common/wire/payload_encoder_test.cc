#include "common/wire/payload_encoder.h"

#include <doctest/doctest.h>

#include <string>

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
  Sample sample;
  sample.position = {9, 7};
  sample.time = FromUnixMillis(1'700'000'000'123);
  sample.cpu_usage_percent = 12.5;
  sample.memory_used_mib = 512.25;
  sample.readings = std::move(readings);
  return sample;
}

// Numbers of the fields that are set.
std::vector<int> SetFields(const google::protobuf::Message& message) {
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  std::vector<int> numbers;
  numbers.reserve(fields.size());
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

TEST_CASE("a hello introduces the device and says what it holds") {
  const SeriesTable series(10);
  PayloadEncoder encoder("edge-07", SomeInfo(), series);
  telemetry::MetricsPayload payload;
  encoder.EncodeHello(std::vector<StreamPosition>{{3, 20}, {9, 7}}, std::chrono::seconds(15),
                      payload);

  CHECK(SetFields(payload) == std::vector{1, 10});
  CHECK(payload.hello().device().run_id() == "run");
  REQUIRE(payload.hello().held_size() == 2);
  CHECK(payload.hello().held(1).stream() == 9);
  CHECK(payload.hello().held(1).sequence() == 7);
  CHECK(payload.hello().speaks_every_ms() == 15'000);
}

TEST_CASE("a batch announces each series when it is first used") {
  SeriesTable series(10);
  const SeriesId load = *series.Intern({"load1", {}});
  const SeriesId sda = *series.Intern({"disk", {{"device", "sda"}}});
  PayloadEncoder encoder("edge-07", SomeInfo(), series);
  telemetry::MetricsPayload payload;

  encoder.EncodeBatch(std::vector{SomeSample({{sda, 1}})}, false, payload);
  CHECK(SetFields(payload) == std::vector{11, 12});
  CHECK(payload.batch().stream() == 9);
  REQUIRE(payload.new_series_size() == 1);
  CHECK(payload.new_series(0).metric() == "disk");

  const SeriesId late = *series.Intern({"uptime", {}});
  encoder.EncodeBatch(std::vector{SomeSample({{load, 2}, {sda, 3}, {late, 4}})}, true, payload);
  CHECK(payload.batch().backlog());
  REQUIRE(payload.new_series_size() == 2);
  CHECK(payload.new_series(0).metric() == "load1");
  CHECK(payload.new_series(1).metric() == "uptime");

  encoder.EncodeBatch(std::vector{SomeSample({{load, 5}, {sda, 6}})}, false, payload);
  CHECK(payload.new_series_size() == 0);
}

TEST_CASE("what the device has come to know goes with the next batch, once") {
  SeriesTable series(10);
  const SeriesId load = *series.Intern({"load1", {}});
  PayloadEncoder encoder("edge-07", SomeInfo(), series);
  telemetry::MetricsPayload payload;
  encoder.EncodeHello({}, std::chrono::seconds(15), payload);
  DeviceInfo info = SomeInfo();
  info.boot = BootInfo{.reason = BootReason::kClean, .offline = std::chrono::seconds(40)};

  encoder.SetInfo(info);
  encoder.EncodeBatch(std::vector{SomeSample({{load, 1}})}, false, payload);
  CHECK(SetFields(payload) == std::vector{11, 12, 14});
  CHECK(payload.device().boot().reason() == telemetry::BOOT_REASON_CLEAN);
  CHECK(payload.device().boot().offline_ms() == 40'000);
  encoder.EncodeBatch(std::vector{SomeSample({{load, 2}})}, false, payload);
  CHECK(SetFields(payload) == std::vector{12});

  encoder.SetInfo(info);
  encoder.EncodeHello({}, std::chrono::seconds(15), payload);
  CHECK(payload.hello().device().has_boot());
  encoder.EncodeBatch(std::vector{SomeSample({{load, 3}})}, false, payload);
  CHECK(SetFields(payload) == std::vector{12});
}

TEST_CASE("that alerts have arrived is said once, by what goes next") {
  SeriesTable series(10);
  PayloadEncoder encoder("edge-07", SomeInfo(), series);
  telemetry::MetricsPayload payload;
  encoder.SetAlertsTaken(7);
  SUBCASE("a ping") { encoder.EncodePing(payload); }
  SUBCASE("a batch") { encoder.EncodeBatch(std::vector{SomeSample({})}, false, payload); }
  CHECK(payload.alerts_taken() == 7);
  encoder.EncodePing(payload);
  CHECK(payload.alerts_taken() == 0);
}

TEST_CASE("a ping has a name and nothing else") {
  SeriesTable series(10);
  PayloadEncoder encoder("edge-07", SomeInfo(), series);
  telemetry::MetricsPayload payload;
  encoder.EncodeOriginal(SomeSample({}), payload);

  encoder.EncodePing(payload);

  CHECK(SetFields(payload) == std::vector{1, 13});
  CHECK(payload.service_name() == "edge-07");
  CHECK(payload.ping());
}

TEST_CASE("a time before 1970 is sent as 0") {
  SeriesTable series(1);
  const PayloadEncoder encoder("edge-07", SomeInfo(), series);
  telemetry::MetricsPayload payload;
  Sample sample;
  sample.time = WallTime(std::chrono::hours(-1));
  encoder.EncodeOriginal(sample, payload);
  CHECK(payload.timestamp_ms() == 0);
}

}  // namespace
}  // namespace edgefeed
