#include "collector/rules/device_state_codec.h"

#include <optional>
#include <utility>

#include "common/model/byte_codec.h"

namespace edgefeed {
namespace {

constexpr std::uint64_t kVersion = 1;

void Put(ByteWriter& out, const DeviceTimeline::Memory& timeline) {
  out.Number(timeline.last ? 1 : 0);
  if (timeline.last) out.Time(*timeline.last);
  out.Signed(timeline.ahead.count());
  out.Signed(timeline.interval.count());
}

DeviceTimeline::Memory TakeTimeline(ByteReader& in) {
  DeviceTimeline::Memory timeline;
  if (in.Number() != 0) timeline.last = in.Time();
  timeline.ahead = std::chrono::milliseconds(in.Signed());
  timeline.interval = std::chrono::milliseconds(in.Signed());
  return timeline;
}

void Put(ByteWriter& out, const Series& series) {
  out.Text(series.metric);
  out.Add(series.labels);
}

Series TakeSeries(ByteReader& in) {
  Series series{.metric = in.Text(), .labels = {}};
  series.labels = in.TakeLabels();
  return series;
}

constexpr std::uint64_t kOn = 1;
constexpr std::uint64_t kHasSince = 2;

void Put(ByteWriter& out, const RuleState& state) {
  out.Number(state.levels.size());
  for (const LevelState& level : state.levels) {
    out.Number((level.on ? kOn : 0U) | (level.since ? kHasSince : 0U));
    if (level.since) out.Time(*level.since);
  }
  out.Time(state.last_alert);
}

RuleState TakeState(ByteReader& in) {
  RuleState state;
  const std::uint64_t levels = in.Number();
  for (std::size_t i = 0; i < levels && in.ok(); ++i) {
    LevelState level;
    const std::uint64_t bits = in.Number();
    level.on = (bits & kOn) != 0;
    if ((bits & kHasSince) != 0) level.since = in.Time();
    if (i < state.levels.size()) state.levels[i] = level;
  }
  state.last_alert = in.Time();
  return state;
}

void Put(ByteWriter& out, const SavedInstance& instance) {
  out.Text(instance.rule);
  out.Number(instance.condition_id);
  Put(out, instance.series);
  Put(out, instance.state);
  out.Number(instance.no_data ? 1 : 0);
}

SavedInstance TakeInstance(ByteReader& in) {
  SavedInstance instance;
  instance.rule = in.Text();
  instance.condition_id = in.Number();
  instance.series = TakeSeries(in);
  instance.state = TakeState(in);
  instance.no_data = in.Number() != 0;
  return instance;
}

constexpr std::uint64_t kSent = 1;
constexpr std::uint64_t kResolved = 2;

void Put(ByteWriter& out, const DeviceMailbox::Letter& letter) {
  const Alert& alert = letter.alert;
  out.Number((letter.sent ? kSent : 0U) | (alert.resolved ? kResolved : 0U));
  out.Number(alert.number);
  out.Text(alert.rule);
  out.Text(letter.subject);
  out.Text(alert.message);
  out.Real(alert.value);
  out.Time(alert.time);
  out.Number(alert.severity ? static_cast<std::uint64_t>(*alert.severity) + 1 : 0);
  out.Time(letter.written);
}

std::optional<Severity> SeverityOf(std::uint64_t number) {
  if (number == 0 || number > kSeverityNames.size()) return std::nullopt;
  return static_cast<Severity>(number - 1);
}

DeviceMailbox::Letter TakeLetter(ByteReader& in) {
  DeviceMailbox::Letter letter;
  const std::uint64_t bits = in.Number();
  letter.sent = (bits & kSent) != 0;
  letter.alert.resolved = (bits & kResolved) != 0;
  letter.alert.number = in.Number();
  letter.alert.rule = in.Text();
  letter.subject = in.Text();
  letter.alert.message = in.Text();
  letter.alert.value = in.Real();
  letter.alert.time = in.Time();
  letter.alert.severity = SeverityOf(in.Number());
  letter.written = in.Time();
  return letter;
}

void Put(ByteWriter& out, const DeviceMailbox::Memory& mailbox) {
  out.Number(mailbox.last_number);
  out.Number(mailbox.letters.size());
  for (const auto& letter : mailbox.letters) Put(out, letter);
  out.Number(mailbox.told.size());
  for (const std::string& subject : mailbox.told) out.Text(subject);
}

DeviceMailbox::Memory TakeMailbox(ByteReader& in) {
  DeviceMailbox::Memory mailbox;
  mailbox.last_number = in.Number();
  for (std::uint64_t left = in.Number(); left > 0 && in.ok(); --left)
    mailbox.letters.push_back(TakeLetter(in));
  for (std::uint64_t left = in.Number(); left > 0 && in.ok(); --left)
    mailbox.told.insert(in.Text());
  return mailbox;
}

}  // namespace

std::string EncodeSavedDevice(const SavedDevice& device) {
  ByteWriter out;
  out.Number(kVersion);
  Put(out, device.timeline);
  out.Number(device.instances.size());
  for (const SavedInstance& instance : device.instances) Put(out, instance);
  Put(out, device.mailbox);
  return out.Take();
}

Result<SavedDevice> DecodeSavedDevice(std::string_view bytes) {
  ByteReader in(bytes);
  if (const std::uint64_t version = in.Number(); version != kVersion) {
    return Error{Code::kDataLoss, "rule states of version " + std::to_string(version) +
                                      ", known is " + std::to_string(kVersion)};
  }
  SavedDevice device;
  device.timeline = TakeTimeline(in);
  for (std::uint64_t left = in.Number(); left > 0 && in.ok(); --left)
    device.instances.push_back(TakeInstance(in));
  device.mailbox = TakeMailbox(in);
  if (!in.ok()) return Error{Code::kDataLoss, "rule states are cut off"};
  if (!in.done()) return Error{Code::kDataLoss, "rule states have bytes left over"};
  return device;
}

}  // namespace edgefeed
