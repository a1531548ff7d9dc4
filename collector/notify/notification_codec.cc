#include "collector/notify/notification_codec.h"

#include <bit>
#include <optional>

#include "collector/notify/alert_words.h"
#include "common/base/crc32c.h"
#include "common/base/varint.h"

namespace edgefeed {
namespace {

constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kMaxLabels = 1000;
constexpr std::size_t kChecksumBytes = 4;

class Writer {
 public:
  void Number(std::uint64_t value) { PutVarint(value, bytes_); }
  template <typename Enum>
  void Word(Enum value) {
    Number(static_cast<std::uint64_t>(value));
  }
  void Time(WallTime time) { Number(ZigZag(time.time_since_epoch().count())); }
  void Real(double value) { Fixed(std::bit_cast<std::uint64_t>(value), sizeof(value)); }
  void Text(std::string_view text) {
    Number(text.size());
    bytes_ += text;
  }
  void All(const Labels& labels) {
    Number(labels.size());
    for (const Label& label : labels) {
      Text(label.name);
      Text(label.value);
    }
  }
  std::string Finish() && {
    Fixed(Crc32c(bytes_), kChecksumBytes);
    return std::move(bytes_);
  }

 private:
  void Fixed(std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) bytes_.push_back(static_cast<char>(value >> (8 * i)));
  }

  std::string bytes_;
};

// After something that is not as it should be, everything is empty and ok() is false.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  std::uint64_t Number() {
    const auto value = TakeVarint(rest_);
    return value ? *value : Fail();
  }
  template <typename Enum>
  Enum Word(std::size_t count) {
    const std::uint64_t value = Number();
    return static_cast<Enum>(value < count ? value : Fail());
  }
  WallTime Time() { return WallTime(std::chrono::milliseconds(UnZigZag(Number()))); }
  double Real() { return std::bit_cast<double>(Fixed(sizeof(double))); }
  std::string Text() { return std::string(Take(Number())); }
  Labels All() {
    Labels labels;
    std::uint64_t count = Number();
    if (count > kMaxLabels) count = Fail();
    for (; count > 0 && ok_; --count) {
      std::string name = Text();
      labels.push_back({.name = std::move(name), .value = Text()});
    }
    return labels;
  }
  std::uint64_t Fixed(std::size_t size) {
    std::uint64_t value = 0;
    const auto bytes = Take(size);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    }
    return value;
  }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  std::uint64_t Fail() {
    ok_ = false;
    rest_ = {};
    return 0;
  }
  std::string_view Take(std::uint64_t size) {
    if (size > rest_.size()) {
      Fail();
      return {};
    }
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::string_view rest_;
  bool ok_ = true;
};

void Write(const AlertEvent& event, Writer& out) {
  out.Text(event.key.device);
  out.Text(event.key.rule);
  out.Text(event.key.series.metric);
  out.All(event.key.series.labels);
  out.Word(event.kind);
  out.Word(event.change);
  out.Word(event.severity);
  out.Real(event.value);
  out.Real(event.threshold);
  out.Text(event.message);
  out.Time(event.time);
  out.Number(event.late ? 1 : 0);
  out.All(event.device_labels);
  out.Text(event.parent);
}

AlertEvent ReadEvent(Reader& in) {
  AlertEvent event;
  event.key.device = in.Text();
  event.key.rule = in.Text();
  event.key.series.metric = in.Text();
  event.key.series.labels = in.All();
  event.kind = in.Word<AlertKind>(kAlertKindNames.size());
  event.change = in.Word<AlertChange>(kAlertChangeNames.size());
  event.severity = in.Word<Severity>(kSeverityNames.size());
  event.value = in.Real();
  event.threshold = in.Real();
  event.message = in.Text();
  event.time = in.Time();
  event.late = in.Number() != 0;
  event.device_labels = in.All();
  event.parent = in.Text();
  return event;
}

}  // namespace

std::string EncodeNotification(const Notification& notification) {
  Writer out;
  out.Number(kVersion);
  out.Number(notification.number);
  out.Time(notification.started);
  Write(notification.event, out);
  return std::move(out).Finish();
}

Result<Notification> DecodeNotification(std::string_view bytes) {
  const Error damaged{Code::kDataLoss, "a damaged notification"};
  if (bytes.size() < kChecksumBytes) return damaged;
  const auto body = bytes.substr(0, bytes.size() - kChecksumBytes);
  if (Reader(bytes.substr(body.size())).Fixed(kChecksumBytes) != Crc32c(body)) return damaged;
  Reader in(body);
  if (const auto version = in.Number(); version != kVersion) {
    return Error{Code::kDataLoss, "a notification of version " + std::to_string(version)};
  }
  Notification notification;
  notification.number = in.Number();
  notification.started = in.Time();
  notification.event = ReadEvent(in);
  if (!in.ok() || !in.at_end()) return damaged;
  return notification;
}

}  // namespace edgefeed
