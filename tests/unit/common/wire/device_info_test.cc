#include "common/wire/device_info.h"

#include <doctest/doctest.h>

#include <string>

#include "telemetry.pb.h"

namespace edgefeed {
namespace {

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

TEST_CASE("a boot comes back as it was said, whatever is known of it") {
  DeviceInfo info{.boot_id = "boot",
                  .boot = BootInfo{.reason = BootReason::kWatchdog,
                                   .detail = "watchdog0 (imx2+ watchdog)",
                                   .offline = std::chrono::milliseconds(192'000),
                                   .started = FromUnixMillis(1'700'000'000'000)}};
  for (int known = 2; known >= 0; --known) {
    if (known < 2) info.boot->started.reset();
    if (known < 1) info.boot->offline.reset();
    telemetry::DeviceInfo wire;
    ToWire(info, wire);
    CHECK(FromWire(wire) == info);
  }
  CHECK_FALSE(FromWire(telemetry::DeviceInfo()).boot);
}

TEST_CASE("a boot of a newer agent, or a hostile one, is bounded") {
  telemetry::DeviceInfo wire;
  wire.mutable_boot()->set_reason(static_cast<telemetry::BootReason>(99));
  wire.mutable_boot()->set_detail(std::string(10'000, 'x'));
  wire.mutable_boot()->set_offline_ms(UINT64_MAX);
  wire.mutable_boot()->set_started_ms(UINT64_MAX);

  const DeviceInfo info = FromWire(wire);

  CHECK(info.boot->reason == BootReason::kUnknown);
  CHECK(info.boot->detail.size() == 256);
  CHECK(info.boot->offline->count() > 0);
  CHECK(UnixMillis(*info.boot->started) == 253'402'300'799'999);
}

}  // namespace
}  // namespace edgefeed
