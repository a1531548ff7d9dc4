#include "collector/notify/notification_codec.h"

#include <cstddef>
#include <cstdint>

#include "common/base/crc32c.h"
#include "common/model/alert_event_codec.h"

namespace edgefeed {
namespace {

constexpr std::uint64_t kCodecVersion = 1;
constexpr std::size_t kChecksumBytes = 4;

std::string Checksum(std::string_view body) {
  std::string bytes;
  std::uint32_t checksum = Crc32c(body);
  for (std::size_t i = 0; i < kChecksumBytes; ++i, checksum >>= 8U) {
    bytes.push_back(static_cast<char>(checksum & 0xFFU));
  }
  return bytes;
}

}  // namespace

std::string EncodeNotification(const Notification& notification) {
  ByteWriter out;
  out.Number(kCodecVersion);
  out.Number(notification.number);
  out.Time(notification.started);
  Put(notification.event, out);
  const std::string body = out.Take();
  return body + Checksum(body);
}

Result<Notification> DecodeNotification(std::string_view bytes) {
  const Error damaged{Code::kDataLoss, "a damaged notification"};
  if (bytes.size() < kChecksumBytes) return damaged;
  const auto body = bytes.substr(0, bytes.size() - kChecksumBytes);
  if (bytes.substr(body.size()) != Checksum(body)) return damaged;
  ByteReader in(body);
  if (const auto version = in.Number(); version != kCodecVersion) {
    return Error{Code::kDataLoss, "a notification of version " + std::to_string(version)};
  }
  Notification notification;
  notification.number = in.Number();
  notification.started = in.Time();
  notification.event = TakeAlertEvent(in);
  if (!in.done()) return damaged;
  return notification;
}

}  // namespace edgefeed
