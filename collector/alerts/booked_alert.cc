#include "collector/alerts/booked_alert.h"

namespace edgefeed {

Suppression SuppressionOf(const BookedAlert& alert) {
  if (!alert.silenced_by.empty()) return Suppression::kSilenced;
  if (!alert.inhibited_by.empty()) return Suppression::kInhibited;
  if (alert.wait != ParentWait::kNone) return Suppression::kWaits;
  if (alert.damped_until) return Suppression::kFlapping;
  if (alert.acknowledged) return Suppression::kAcknowledged;
  return Suppression::kNone;
}

}  // namespace edgefeed
