#include "collector/alerts/alert_codec.h"

#include <utility>

#include "common/model/alert_event_codec.h"

namespace edgefeed {
namespace {

// Of everything here. Another one is not read.
constexpr std::uint64_t kVersion = 1;

constexpr std::uint64_t kSeverities = kSeverityNames.size();
constexpr std::uint64_t kWaits = 3;
constexpr std::uint64_t kMatchKinds = 3;

Error Unreadable(std::string_view what) {
  return {Code::kDataLoss, std::string(what) + ": its bytes cannot be read"};
}

void Put(const AlertCondition& condition, ByteWriter& writer) {
  writer.Flag(condition.firing);
  writer.Choice(condition.severity);
  writer.Flag(condition.no_data);
}

AlertCondition TakeCondition(ByteReader& reader) {
  AlertCondition condition;
  condition.firing = reader.Flag();
  condition.severity = reader.Choice<Severity>(kSeverities);
  condition.no_data = reader.Flag();
  return condition;
}

void Put(const std::optional<Acknowledgement>& acknowledgement, ByteWriter& writer) {
  writer.Flag(acknowledgement.has_value());
  if (!acknowledgement) return;
  writer.Text(acknowledgement->author);
  writer.Text(acknowledgement->comment);
  writer.Time(acknowledgement->at);
  writer.Time(acknowledgement->expires);
}

std::optional<Acknowledgement> TakeAcknowledgement(ByteReader& reader) {
  if (!reader.Flag()) return std::nullopt;
  Acknowledgement acknowledgement;
  acknowledgement.author = reader.Text();
  acknowledgement.comment = reader.Text();
  acknowledgement.at = reader.Time();
  acknowledgement.expires = reader.OptionalTime();
  return acknowledgement;
}

}  // namespace

std::string EncodeEvent(const AlertEvent& event) {
  ByteWriter writer;
  writer.Number(kVersion);
  Put(event, writer);
  return writer.Take();
}

Result<AlertEvent> DecodeEvent(std::string_view bytes) {
  ByteReader reader(bytes);
  const bool known = reader.Number() == kVersion;
  AlertEvent event = TakeAlertEvent(reader);
  if (!known || !reader.done()) return Unreadable("alert event");
  return event;
}

std::string EncodeAlert(const BookedAlert& alert) {
  ByteWriter writer;
  writer.Number(kVersion);
  writer.Text(alert.id);
  Put(alert.event, writer);
  Put(alert.now, writer);
  Put(alert.told, writer);
  writer.Time(alert.started);
  writer.Time(alert.fired);
  writer.Time(alert.updated);
  Put(alert.acknowledged, writer);
  writer.Number(alert.changes.size());
  for (const WallTime change : alert.changes) writer.Time(change);
  writer.Time(alert.damped_until);
  writer.Number(static_cast<std::uint64_t>(alert.silent_for.count()));
  writer.Choice(alert.wait);
  writer.Time(alert.wait_until);
  return writer.Take();
}

Result<BookedAlert> DecodeAlert(std::string_view bytes) {
  ByteReader reader(bytes);
  BookedAlert alert;
  const bool known = reader.Number() == kVersion;
  alert.id = reader.Text();
  alert.event = TakeAlertEvent(reader);
  alert.now = TakeCondition(reader);
  alert.told = TakeCondition(reader);
  alert.started = reader.Time();
  alert.fired = reader.Time();
  alert.updated = reader.Time();
  alert.acknowledged = TakeAcknowledgement(reader);
  for (std::uint64_t left = reader.Number(); left > 0 && reader.ok(); --left) {
    alert.changes.push_back(reader.Time());
  }
  alert.damped_until = reader.OptionalTime();
  alert.silent_for = std::chrono::milliseconds(reader.Number());
  alert.wait = reader.Choice<ParentWait>(kWaits);
  alert.wait_until = reader.Time();
  if (!known || !reader.done()) return Unreadable("alert");
  return alert;
}

std::string EncodeSilence(const Silence& silence) {
  ByteWriter writer;
  writer.Number(kVersion);
  writer.Number(silence.number);
  writer.Number(silence.matchers.size());
  for (const AlertMatcher& matcher : silence.matchers) {
    writer.Text(matcher.field);
    writer.Choice(matcher.kind);
    writer.Text(matcher.value);
  }
  writer.Text(silence.author);
  writer.Text(silence.comment);
  writer.Time(silence.created);
  writer.Time(silence.expires);
  writer.Text(silence.window);
  return writer.Take();
}

Result<Silence> DecodeSilence(std::string_view bytes) {
  ByteReader reader(bytes);
  Silence silence;
  const bool known = reader.Number() == kVersion;
  silence.number = reader.Number();
  for (std::uint64_t left = reader.Number(); left > 0 && reader.ok(); --left) {
    AlertMatcher& matcher = silence.matchers.emplace_back();
    matcher.field = reader.Text();
    matcher.kind = reader.Choice<MatchKind>(kMatchKinds);
    matcher.value = reader.Text();
  }
  silence.author = reader.Text();
  silence.comment = reader.Text();
  silence.created = reader.Time();
  silence.expires = reader.Time();
  silence.window = reader.Text();
  if (!known || !reader.done()) return Unreadable("silence");
  return silence;
}

}  // namespace edgefeed
