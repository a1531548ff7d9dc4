#include "common/wire/response.h"

#include "telemetry.pb.h"

namespace edgefeed {

void ToWire(const Alert& alert, telemetry::AlertResponse& wire) {
  wire.set_alert_type(alert.rule);
  wire.set_message(alert.message);
  wire.set_value(alert.value);
  wire.set_timestamp_ms(UnixMillis(alert.time));
}

Alert FromWire(const telemetry::AlertResponse& wire) {
  return Alert{.rule = wire.alert_type(),
               .message = wire.message(),
               .value = wire.value(),
               .time = FromUnixMillis(wire.timestamp_ms())};
}

}  // namespace edgefeed
