#include "collector/alerts/booked_alert.h"

#include "common/base/varint.h"
#include "common/digest/sha256.h"

namespace edgefeed {
namespace {

constexpr std::size_t kIdBytes = 8;

void Put(const std::string& text, std::string& out) {
  PutVarint(text.size(), out);
  out += text;
}

}  // namespace

Suppression SuppressionOf(const BookedAlert& alert) {
  if (!alert.silenced_by.empty()) return Suppression::kSilenced;
  if (!alert.inhibited_by.empty()) return Suppression::kInhibited;
  if (alert.wait != ParentWait::kNone) return Suppression::kWaits;
  if (alert.damped_until) return Suppression::kFlapping;
  if (alert.acknowledged) return Suppression::kAcknowledged;
  return Suppression::kNone;
}

std::string AlertId(const AlertKey& key) {
  std::string bytes;
  Put(key.device, bytes);
  Put(key.rule, bytes);
  Put(key.series.metric, bytes);
  for (const Label& label : key.series.labels) {
    Put(label.name, bytes);
    Put(label.value, bytes);
  }
  const Sha256Digest digest = Sha256Of(bytes);
  return HexText(BytesOf(digest).substr(0, kIdBytes));
}

}  // namespace edgefeed
