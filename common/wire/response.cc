#include "common/wire/response.h"

#include "common/wire/position.h"
#include "telemetry.pb.h"

namespace edgefeed {
namespace {

std::uint32_t Millis(std::chrono::milliseconds duration) {
  return static_cast<std::uint32_t>(duration.count());
}

telemetry::Severity ToWire(Severity severity) {
  switch (severity) {
    case Severity::kInfo: return telemetry::SEVERITY_INFO;
    case Severity::kWarning: return telemetry::SEVERITY_WARNING;
    case Severity::kCritical: return telemetry::SEVERITY_CRITICAL;
  }
  return telemetry::SEVERITY_UNSPECIFIED;
}

// A severity that only a newer collector knows is none.
std::optional<Severity> FromWire(telemetry::Severity wire) {
  switch (wire) {
    case telemetry::SEVERITY_INFO: return Severity::kInfo;
    case telemetry::SEVERITY_WARNING: return Severity::kWarning;
    case telemetry::SEVERITY_CRITICAL: return Severity::kCritical;
    default: return std::nullopt;
  }
}

void ToWire(const Alert& alert, telemetry::AlertResponse& wire) {
  wire.set_alert_type(alert.rule);
  wire.set_message(alert.message);
  wire.set_value(alert.value);
  wire.set_timestamp_ms(UnixMillis(alert.time));
  if (alert.severity) wire.set_severity(ToWire(*alert.severity));
  if (alert.number == 0) return;
  wire.set_alert_number(alert.number);
  wire.set_alert_state(alert.resolved ? telemetry::ALERT_STATE_RESOLVED
                                      : telemetry::ALERT_STATE_FIRING);
}

Alert AlertFrom(const telemetry::AlertResponse& wire) {
  return Alert{.number = wire.alert_number(),
               .rule = wire.alert_type(),
               .message = wire.message(),
               .value = wire.value(),
               .time = FromUnixMillis(wire.timestamp_ms()),
               .severity = FromWire(wire.severity()),
               .resolved = wire.alert_state() == telemetry::ALERT_STATE_RESOLVED};
}

void ToWire(const Redirect& redirect, telemetry::Redirect& wire) {
  for (const std::string& address : redirect.addresses) wire.add_addresses(address);
  wire.set_after_ms(Millis(redirect.after));
  wire.set_spread_ms(Millis(redirect.spread));
}

Redirect FromWire(const telemetry::Redirect& wire) {
  return Redirect{.addresses = {wire.addresses().begin(), wire.addresses().end()},
                  .after = std::chrono::milliseconds(wire.after_ms()),
                  .spread = std::chrono::milliseconds(wire.spread_ms())};
}

}  // namespace

void ToWire(const FeedReply& reply, telemetry::AlertResponse& wire) {
  wire.Clear();
  if (reply.alert) ToWire(*reply.alert, wire);
  ToWire(reply.stored, *wire.mutable_stored());
  if (reply.welcome) {
    ToWire(reply.welcome->stored, *wire.mutable_welcome()->mutable_stored());
  }
  for (const Rejection& rejection : reply.rejected) {
    auto& added = *wire.add_rejected();
    ToWire(rejection.position, *added.mutable_position());
    added.set_reason(rejection.reason);
  }
  if (reply.redirect) ToWire(*reply.redirect, *wire.mutable_redirect());
  if (reply.server_time) wire.set_server_time_ms(UnixMillis(*reply.server_time));
}

FeedReply FromWire(const telemetry::AlertResponse& wire) {
  FeedReply reply;
  if (!wire.alert_type().empty()) reply.alert = AlertFrom(wire);
  reply.stored = FromWire(wire.stored());
  if (wire.has_welcome()) {
    reply.welcome = Welcome{.stored = FromWire(wire.welcome().stored())};
  }
  for (const auto& rejection : wire.rejected()) {
    reply.rejected.push_back({FromWire(rejection.position()), rejection.reason()});
  }
  if (wire.has_redirect()) reply.redirect = FromWire(wire.redirect());
  if (wire.server_time_ms() != 0) reply.server_time = FromUnixMillis(wire.server_time_ms());
  return reply;
}

}  // namespace edgefeed
