#include "collector/history/frame.h"

#include <array>
#include <cstring>
#include <utility>

#include "common/base/sizes.h"
#include "common/base/varint.h"

namespace edgefeed {
namespace {

enum class EntryKind : char {
  kFrame = 1,  // Without a position.
  kPositionedFrame = 2,
  kDeviceName = 3,
  kSeriesName = 4,
  kDeviceDescription = 5,  // Without a boot.
  kBootedDeviceDescription = 6,
};

constexpr std::size_t kStreamBytes = sizeof(StreamId);

void PutKind(EntryKind kind, std::string& out) { out.push_back(static_cast<char>(kind)); }

void PutText(std::string_view text, std::string& out) {
  PutVarint(text.size(), out);
  out += text;
}

void PutLabels(const Labels& labels, std::string& out) {
  PutVarint(labels.size(), out);
  for (const Label& label : labels) {
    PutText(label.name, out);
    PutText(label.value, out);
  }
}

void PutInfo(const DeviceInfo& info, std::string& out) {
  for (const auto& text : {info.boot_id, info.run_id, info.agent_version, info.kernel_release,
                           info.machine, info.operating_system}) {
    PutText(text, out);
  }
  PutLabels(info.labels, out);
}

// Nothing is 0.
void PutMillis(const std::optional<std::chrono::milliseconds>& time, std::string& out) {
  PutVarint(time ? static_cast<std::uint64_t>(time->count()) + 1 : 0, out);
}

void PutBoot(const BootInfo& boot, std::string& out) {
  PutVarint(static_cast<std::uint64_t>(boot.reason), out);
  PutText(boot.detail, out);
  PutMillis(boot.offline, out);
  PutMillis(boot.started ? std::optional(boot.started->time_since_epoch()) : std::nullopt, out);
}

// Streams are random numbers: a varint would be longer.
void PutStream(StreamId stream, std::string& out) {
  for (std::size_t i = 0; i < kStreamBytes; ++i) {
    out.push_back(static_cast<char>(stream >> (8 * i)));
  }
}

// Takes fields off the front; after the first that is not there, everything is empty.
class Fields {
 public:
  explicit Fields(std::string_view& bytes) : bytes_(bytes) {}

  std::uint64_t Number() {
    const auto number = TakeVarint(bytes_);
    if (!number) ok_ = false;
    return number.value_or(0);
  }
  std::uint32_t Number32() {
    const std::uint64_t number = Number();
    if (number > UINT32_MAX) ok_ = false;
    return static_cast<std::uint32_t>(number);
  }
  StreamId Stream() {
    if (bytes_.size() < kStreamBytes) {
      ok_ = false;
      return 0;
    }
    StreamId stream = 0;
    for (std::size_t i = 0; i < kStreamBytes; ++i) {
      stream |= StreamId{static_cast<unsigned char>(bytes_[i])} << (8 * i);
    }
    bytes_.remove_prefix(kStreamBytes);
    return stream;
  }
  std::string_view Text() {
    const std::uint64_t size = Number();
    if (size > bytes_.size()) ok_ = false;
    if (!ok_) return {};
    const std::string_view text = bytes_.substr(0, ToSize(size));
    bytes_.remove_prefix(ToSize(size));
    return text;
  }
  Labels TakeLabels() {
    Labels labels;
    const std::uint64_t count = Number();
    for (std::uint64_t i = 0; i < count && ok_; ++i) {
      std::string name(Text());
      labels.push_back({std::move(name), std::string(Text())});
    }
    return labels;
  }
  DeviceInfo Info() {
    DeviceInfo info;
    for (std::string* text : {&info.boot_id, &info.run_id, &info.agent_version,
                              &info.kernel_release, &info.machine, &info.operating_system}) {
      *text = Text();
    }
    info.labels = TakeLabels();
    return info;
  }

  BootInfo Boot() {
    BootInfo boot;
    const std::uint64_t reason = Number();
    if (reason < kBootReasons.size()) boot.reason = static_cast<BootReason>(reason);
    boot.detail = Text();
    boot.offline = Millis();
    if (const auto started = Millis()) boot.started = WallTime(*started);
    return boot;
  }

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return ok_ && bytes_.empty(); }

 private:
  std::optional<std::chrono::milliseconds> Millis() {
    const std::uint64_t number = Number();
    if (number == 0) return std::nullopt;
    return std::chrono::milliseconds(static_cast<std::int64_t>(number - 1));
  }

  std::string_view& bytes_;
  bool ok_ = true;
};

Frame TakeFrame(EntryKind kind, Fields& fields) {
  Frame frame;
  frame.device = fields.Number32();
  const auto received = static_cast<std::int64_t>(fields.Number());
  const std::int64_t age = UnZigZag(fields.Number());
  frame.received = WallTime(std::chrono::milliseconds(received));
  // Unsigned, because damaged bytes may be any numbers.
  frame.time = WallTime(std::chrono::milliseconds(static_cast<std::int64_t>(
      static_cast<std::uint64_t>(received) - static_cast<std::uint64_t>(age))));
  if (kind == EntryKind::kPositionedFrame) {
    frame.position.stream = fields.Stream();
    frame.position.sequence = fields.Number();
  }
  frame.columns = fields.Text();
  return frame;
}

DeviceName TakeDeviceName(Fields& fields) {
  const DeviceNumber number = fields.Number32();
  return {number, std::string(fields.Text())};
}

SeriesName TakeSeriesName(Fields& fields) {
  SeriesName name;
  name.number = fields.Number32();
  name.series.metric = fields.Text();
  name.series.labels = fields.TakeLabels();
  return name;
}

DeviceDescription TakeDescription(EntryKind kind, Fields& fields) {
  DeviceDescription description;
  description.device = fields.Number32();
  description.info = fields.Info();
  if (kind == EntryKind::kBootedDeviceDescription) description.info.boot = fields.Boot();
  return description;
}

}  // namespace

void PutFrame(const Frame& frame, std::string& out) {
  const bool positioned = frame.position.stream != 0;
  PutKind(positioned ? EntryKind::kPositionedFrame : EntryKind::kFrame, out);
  PutVarint(frame.device, out);
  PutVarint(UnixMillis(frame.received), out);
  // Unsigned: what was read from damaged bytes may be written again.
  const std::uint64_t age = UnixMillis(frame.received) -
                            static_cast<std::uint64_t>(frame.time.time_since_epoch().count());
  PutVarint(ZigZag(static_cast<std::int64_t>(age)), out);
  if (positioned) {
    PutStream(frame.position.stream, out);
    PutVarint(frame.position.sequence, out);
  }
  PutText(frame.columns, out);
}

void PutDeviceName(DeviceNumber number, std::string_view name, std::string& out) {
  PutKind(EntryKind::kDeviceName, out);
  PutVarint(number, out);
  PutText(name, out);
}

void PutSeriesName(SeriesNumber number, const Series& series, std::string& out) {
  PutKind(EntryKind::kSeriesName, out);
  PutVarint(number, out);
  PutText(series.metric, out);
  PutLabels(series.labels, out);
}

void PutDeviceDescription(DeviceNumber device, const DeviceInfo& info, std::string& out) {
  PutKind(info.boot ? EntryKind::kBootedDeviceDescription : EntryKind::kDeviceDescription, out);
  PutVarint(device, out);
  PutInfo(info, out);
  if (info.boot) PutBoot(*info.boot, out);
}

Result<Entry> TakeEntry(std::string_view& bytes) {
  const Error damaged{Code::kDataLoss, "no entry of the frame log"};
  if (bytes.empty()) return damaged;
  const auto kind = static_cast<EntryKind>(bytes.front());
  bytes.remove_prefix(1);
  Fields fields(bytes);
  std::optional<Entry> entry;
  switch (kind) {
    case EntryKind::kFrame:
    case EntryKind::kPositionedFrame: entry = TakeFrame(kind, fields); break;
    case EntryKind::kDeviceName: entry = TakeDeviceName(fields); break;
    case EntryKind::kSeriesName: entry = TakeSeriesName(fields); break;
    case EntryKind::kDeviceDescription:
    case EntryKind::kBootedDeviceDescription: entry = TakeDescription(kind, fields); break;
  }
  if (!entry || !fields.ok()) return damaged;
  return std::move(*entry);
}

std::string EncodeInfo(const DeviceInfo& info) {
  std::string out;
  PutInfo(info, out);
  if (info.boot) PutBoot(*info.boot, out);
  return out;
}

std::optional<DeviceInfo> DecodeInfo(std::string_view bytes) {
  Fields fields(bytes);
  DeviceInfo info = fields.Info();
  if (fields.ok() && !fields.at_end()) info.boot = fields.Boot();
  if (!fields.at_end()) return std::nullopt;
  return info;
}

std::string EncodeLabels(const Labels& labels) {
  std::string out;
  PutLabels(labels, out);
  return out;
}

std::optional<Labels> DecodeLabels(std::string_view bytes) {
  Fields fields(bytes);
  Labels labels = fields.TakeLabels();
  if (!fields.at_end()) return std::nullopt;
  return labels;
}

}  // namespace edgefeed
