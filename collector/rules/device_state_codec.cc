#include "collector/rules/device_state_codec.h"

#include <bit>
#include <cstring>
#include <optional>
#include <utility>

#include "common/base/varint.h"

namespace edgefeed {
namespace {

constexpr std::uint64_t kVersion = 1;

class Writer {
 public:
  void Number(std::uint64_t value) { PutVarint(value, out_); }
  void Signed(std::int64_t value) { Number(ZigZag(value)); }
  void Time(WallTime time) { Signed(time.time_since_epoch().count()); }
  void Real(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    for (unsigned shift = 0; shift < 64; shift += 8)
      out_.push_back(static_cast<char>(bits >> shift));
  }
  void Text(std::string_view text) {
    Number(text.size());
    out_.append(text);
  }
  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

// After the first thing that is not there, everything is 0 or empty.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  std::uint64_t Number() {
    const auto value = TakeVarint(bytes_);
    if (!value) Fail();
    return value.value_or(0);
  }
  std::int64_t Signed() { return UnZigZag(Number()); }
  WallTime Time() { return WallTime(std::chrono::milliseconds(Signed())); }
  double Real() {
    const std::string_view bytes = Bytes(8);
    std::uint64_t bits = 0;
    for (std::size_t i = bytes.size(); i > 0; --i) {
      bits = (bits << 8U) | static_cast<unsigned char>(bytes[i - 1]);
    }
    return std::bit_cast<double>(bits);
  }
  std::string Text() { return std::string(Bytes(Number())); }
  // A number of things of which each takes at least a byte.
  std::size_t Count() {
    const std::uint64_t count = Number();
    if (count <= bytes_.size()) return count;
    Fail();
    return 0;
  }
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] bool at_end() const { return bytes_.empty(); }

 private:
  std::string_view Bytes(std::uint64_t size) {
    if (size > bytes_.size()) {
      Fail();
      return {};
    }
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }
  void Fail() {
    failed_ = true;
    bytes_ = {};
  }

  std::string_view bytes_;
  bool failed_ = false;
};

void Put(Writer& out, const DeviceTimeline::Memory& timeline) {
  out.Number(timeline.last ? 1 : 0);
  if (timeline.last) out.Time(*timeline.last);
  out.Signed(timeline.ahead.count());
  out.Signed(timeline.interval.count());
}

DeviceTimeline::Memory TakeTimeline(Reader& in) {
  DeviceTimeline::Memory timeline;
  if (in.Number() != 0) timeline.last = in.Time();
  timeline.ahead = std::chrono::milliseconds(in.Signed());
  timeline.interval = std::chrono::milliseconds(in.Signed());
  return timeline;
}

void Put(Writer& out, const Series& series) {
  out.Text(series.metric);
  out.Number(series.labels.size());
  for (const Label& label : series.labels) {
    out.Text(label.name);
    out.Text(label.value);
  }
}

Series TakeSeries(Reader& in) {
  Series series{.metric = in.Text(), .labels = {}};
  for (std::size_t left = in.Count(); left > 0; --left) {
    std::string name = in.Text();
    series.labels.push_back({.name = std::move(name), .value = in.Text()});
  }
  return series;
}

constexpr std::uint64_t kOn = 1;
constexpr std::uint64_t kHasSince = 2;

void Put(Writer& out, const RuleState& state) {
  out.Number(state.levels.size());
  for (const LevelState& level : state.levels) {
    out.Number((level.on ? kOn : 0U) | (level.since ? kHasSince : 0U));
    if (level.since) out.Time(*level.since);
  }
  out.Time(state.last_alert);
}

RuleState TakeState(Reader& in) {
  RuleState state;
  const std::size_t levels = in.Count();
  for (std::size_t i = 0; i < levels; ++i) {
    LevelState level;
    const std::uint64_t bits = in.Number();
    level.on = (bits & kOn) != 0;
    if ((bits & kHasSince) != 0) level.since = in.Time();
    if (i < state.levels.size()) state.levels[i] = level;
  }
  state.last_alert = in.Time();
  return state;
}

void Put(Writer& out, const SavedInstance& instance) {
  out.Text(instance.rule);
  out.Number(instance.condition_id);
  Put(out, instance.series);
  Put(out, instance.state);
  out.Number(instance.no_data ? 1 : 0);
}

SavedInstance TakeInstance(Reader& in) {
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

void Put(Writer& out, const DeviceMailbox::Letter& letter) {
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

DeviceMailbox::Letter TakeLetter(Reader& in) {
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

void Put(Writer& out, const DeviceMailbox::Memory& mailbox) {
  out.Number(mailbox.last_number);
  out.Number(mailbox.letters.size());
  for (const auto& letter : mailbox.letters) Put(out, letter);
  out.Number(mailbox.told.size());
  for (const std::string& subject : mailbox.told) out.Text(subject);
}

DeviceMailbox::Memory TakeMailbox(Reader& in) {
  DeviceMailbox::Memory mailbox;
  mailbox.last_number = in.Number();
  for (std::size_t left = in.Count(); left > 0; --left) mailbox.letters.push_back(TakeLetter(in));
  for (std::size_t left = in.Count(); left > 0; --left) mailbox.told.insert(in.Text());
  return mailbox;
}

}  // namespace

std::string EncodeSavedDevice(const SavedDevice& device) {
  Writer out;
  out.Number(kVersion);
  Put(out, device.timeline);
  out.Number(device.instances.size());
  for (const SavedInstance& instance : device.instances) Put(out, instance);
  Put(out, device.mailbox);
  return out.Take();
}

Result<SavedDevice> DecodeSavedDevice(std::string_view bytes) {
  Reader in(bytes);
  if (const std::uint64_t version = in.Number(); version != kVersion) {
    return Error{Code::kDataLoss, "rule states of version " + std::to_string(version) +
                                      ", known is " + std::to_string(kVersion)};
  }
  SavedDevice device;
  device.timeline = TakeTimeline(in);
  for (std::size_t left = in.Count(); left > 0; --left)
    device.instances.push_back(TakeInstance(in));
  device.mailbox = TakeMailbox(in);
  if (in.failed()) return Error{Code::kDataLoss, "rule states are cut off"};
  if (!in.at_end()) return Error{Code::kDataLoss, "rule states have bytes left over"};
  return device;
}

}  // namespace edgefeed
