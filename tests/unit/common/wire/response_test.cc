#include "common/wire/response.h"

#include <doctest/doctest.h>

#include "telemetry.pb.h"

namespace edgefeed {
namespace {

TEST_CASE("an alert crosses the wire unchanged") {
  const Alert alert{.rule = "CPU_HIGH",
                    .message = "edge-07: cpu_usage is 95, above 90",
                    .value = 95,
                    .time = FromUnixMillis(1'700'000'000'123)};
  telemetry::AlertResponse wire;
  ToWire(alert, wire);
  CHECK(wire.alert_type() == "CPU_HIGH");
  CHECK(wire.timestamp_ms() == 1'700'000'000'123);
  CHECK(wire.acked_sequence() == 0);
  CHECK(FromWire(wire) == alert);
}

}  // namespace
}  // namespace edgefeed
