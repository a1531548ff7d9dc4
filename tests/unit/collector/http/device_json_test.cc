#include "collector/http/device_json.h"

#include <doctest/doctest.h>

#include <boost/json.hpp>
#include <limits>

#include "tests/unit/collector/http/fake_fleet.h"

namespace edgefeed {
namespace {

namespace json = boost::json;

TEST_CASE("a device has the fields of edgefeed.Device") {
  auto device = MakeDevice("a", 12.5);
  device.firing = {"CPU_HIGH"};
  device.info = std::make_shared<DeviceInfo>(DeviceInfo{
      .boot_id = "b",
      .machine = "aarch64",
      .labels = {{"site", "lab"}},
      .boot =
          BootInfo{.reason = BootReason::kClean, .offline = std::chrono::milliseconds(61'000)}});

  const json::value value = json::parse(DevicesJson({device}));

  CHECK(value == json::parse(R"([{
    "service_name": "a", "connected": true, "address": "10.0.0.7:41000",
    "first_seen_ms": 1700000000000, "last_seen_ms": 1700000009500, "request_count": 10,
    "firing": ["CPU_HIGH"], "cpu_usage": 12.5, "memory_mb": 256.0, "timestamp_ms": 1700000009000,
    "info": {"boot_id": "b", "run_id": "", "agent_version": "", "kernel_release": "",
             "machine": "aarch64", "operating_system": "",
             "labels": [{"name": "site", "value": "lab"}],
             "boot": {"reason": "clean", "detail": "", "text": "clean shutdown, off for 1m1s",
                      "offline_ms": 61000}}}])"));
}

TEST_CASE("odd strings and values make valid JSON") {
  auto device = MakeDevice("a", std::numeric_limits<double>::quiet_NaN());
  const std::string odd = "\"</script>\n\\\x01";
  device.firing = {odd};
  device.readings = {{{"load1", {{"x", odd}}}, std::numeric_limits<double>::infinity()}};

  const json::value value = json::parse(DeviceJson(device));

  CHECK(value.at("cpu_usage").is_null());
  CHECK(value.at("firing").at(0).as_string() == odd);
  const auto& reading = value.at("readings").at(0);
  CHECK(reading.at("value").is_null());
  CHECK(reading.at("series").at("labels").at(0).at("value").as_string() == odd);
}

}  // namespace
}  // namespace edgefeed
