#include "collector/rpc/alert_response.h"

#include <string>

#include "alerts.pb.h"
#include "collector/rpc/response.h"

namespace edgefeed {
namespace {

AlertState StateOf(const AlertCondition& condition) {
  if (!condition.firing) return ALERT_STATE_RESOLVED;
  return condition.no_data ? ALERT_STATE_NO_DATA : ALERT_STATE_FIRING;
}

AlertSuppression ToWire(Suppression suppressed) {
  switch (suppressed) {
    case Suppression::kNone: break;
    case Suppression::kSilenced: return ALERT_SUPPRESSION_SILENCED;
    case Suppression::kInhibited: return ALERT_SUPPRESSION_INHIBITED;
    case Suppression::kWaits: return ALERT_SUPPRESSION_WAITS_FOR_PARENT;
    case Suppression::kFlapping: return ALERT_SUPPRESSION_FLAPPING;
    case Suppression::kAcknowledged: return ALERT_SUPPRESSION_ACKNOWLEDGED;
  }
  return ALERT_SUPPRESSION_NONE;
}

AlertHistoryChange ToWire(AlertChange change) {
  switch (change) {
    case AlertChange::kFired: return ALERT_HISTORY_CHANGE_FIRED;
    case AlertChange::kEscalated: return ALERT_HISTORY_CHANGE_ESCALATED;
    case AlertChange::kDeescalated: return ALERT_HISTORY_CHANGE_DEESCALATED;
    case AlertChange::kResolved: return ALERT_HISTORY_CHANGE_RESOLVED;
    case AlertChange::kNoData: return ALERT_HISTORY_CHANGE_NO_DATA;
    case AlertChange::kDataBack: return ALERT_HISTORY_CHANGE_DATA_BACK;
    case AlertChange::kRepeated: break;
  }
  return ALERT_HISTORY_CHANGE_UNSPECIFIED;
}

SilenceMatcher::Kind ToWire(MatchKind kind) {
  switch (kind) {
    case MatchKind::kIs: return SilenceMatcher::EQUAL;
    case MatchKind::kIsNot: return SilenceMatcher::NOT_EQUAL;
    case MatchKind::kIsLike: break;
  }
  return SilenceMatcher::LIKE;
}

MatchKind FromWire(SilenceMatcher::Kind kind) {
  if (kind == SilenceMatcher::NOT_EQUAL) return MatchKind::kIsNot;
  return kind == SilenceMatcher::LIKE ? MatchKind::kIsLike : MatchKind::kIs;
}

// What an event and its message of either kind have in common.
template <typename Wire>
void EventToWire(const std::string& id, const AlertEvent& event, Wire& wire) {
  wire.set_id(id);
  wire.set_service_name(event.key.device);
  wire.set_rule(event.key.rule);
  ToWire(event.key.series, *wire.mutable_series());
  wire.set_severity(std::string(SeverityName(event.severity)));
  wire.set_value(event.value);
  wire.set_threshold(event.threshold);
  wire.set_message(event.message);
  wire.set_late(event.late);
}

}  // namespace

void ToWire(const BookedAlert& alert, ActiveAlert& wire) {
  wire.Clear();
  EventToWire(alert.id, alert.event, wire);
  wire.set_state(StateOf(alert.now));
  wire.set_started_ms(UnixMillis(alert.started));
  wire.set_updated_ms(UnixMillis(alert.updated));
  for (const Label& label : alert.event.device_labels) {
    auto* added = wire.add_device_labels();
    added->set_name(label.name);
    added->set_value(label.value);
  }
  wire.set_suppressed(ToWire(SuppressionOf(alert)));
  for (const std::uint64_t number : alert.silenced_by) wire.add_silenced_by(number);
  wire.set_inhibited_by(alert.inhibited_by);
  wire.set_told(alert.told.firing);
  if (!alert.acknowledged) return;
  auto& acknowledgement = *wire.mutable_acknowledgement();
  acknowledgement.set_author(alert.acknowledged->author);
  acknowledgement.set_comment(alert.acknowledged->comment);
  acknowledgement.set_at_ms(UnixMillis(alert.acknowledged->at));
  if (const auto& expires = alert.acknowledged->expires) {
    acknowledgement.set_expires_ms(UnixMillis(*expires));
  }
}

void ToWire(const AlertLogEntry& entry, AlertHistoryEntry& wire) {
  wire.Clear();
  EventToWire(entry.id, entry.event, wire);
  wire.set_at_ms(UnixMillis(entry.at));
  wire.set_change(ToWire(entry.event.change));
  wire.set_time_ms(UnixMillis(entry.event.time));
  wire.set_suppressed(ToWire(entry.suppressed));
}

void ToWire(const Silence& silence, const SilenceList& silences, AlertSilence& wire) {
  wire.Clear();
  wire.set_number(silence.number);
  for (const AlertMatcher& matcher : silence.matchers) {
    auto* added = wire.add_matchers();
    added->set_field(matcher.field);
    added->set_kind(ToWire(matcher.kind));
    added->set_value(matcher.value);
  }
  wire.set_author(silence.author);
  wire.set_comment(silence.comment);
  wire.set_created_ms(UnixMillis(silence.created));
  wire.set_expires_ms(UnixMillis(silence.expires));
  wire.set_window(silence.window);
  wire.set_holds(silences.Holds(silence.number));
}

Silence FromWire(const AlertSilence& wire) {
  Silence silence;
  for (const SilenceMatcher& matcher : wire.matchers()) {
    silence.matchers.push_back(
        {.field = matcher.field(), .kind = FromWire(matcher.kind()), .value = matcher.value()});
  }
  silence.author = wire.author();
  silence.comment = wire.comment();
  silence.expires = FromUnixMillis(wire.expires_ms());
  silence.window = wire.window();
  return silence;
}

}  // namespace edgefeed
