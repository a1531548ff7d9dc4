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

}  // namespace
}  // namespace edgefeed
