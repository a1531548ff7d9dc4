#pragma once

#include <string>

#include "common/base/clock.h"
#include "common/model/series.h"
#include "common/model/severity.h"

namespace edgefeed {

// What an alert is about, whenever it fires. The series of a rule about a whole device has no
// labels.
struct AlertKey {
  std::string device;
  std::string rule;
  Series series;
  friend auto operator<=>(const AlertKey&, const AlertKey&) = default;
};

enum class AlertKind { kThreshold, kOffline, kNoData };

enum class AlertChange {
  kFired,
  kEscalated,    // To a more severe level,
  kDeescalated,  // and to a milder one.
  kRepeated,     // It still fires, and repeat_interval has passed.
  kResolved,
  kNoData,    // No values come any more: it stays what it was.
  kDataBack,  // They come again.
};

// What has become of an alert.
struct AlertEvent {
  AlertKey key;
  AlertKind kind = AlertKind::kThreshold;
  AlertChange change = AlertChange::kFired;
  Severity severity = Severity::kWarning;  // At which it fires; of kResolved, at which it fired.
  double value = 0;      // That was judged, in the unit of what the rule compares.
  double threshold = 0;  // Of its level, in the same unit.
  std::string message;   // For people; of kResolved too.
  // Of the sample, by the device's clock; otherwise the collector's. While a device is offline:
  // when it was last heard of.
  WallTime time;
  bool late = false;  // It was so when the sample was taken: the sample has waited since.
  Labels device_labels;
  // Of kOffline: the device without which this one cannot be heard. Empty: none.
  std::string parent;
  friend bool operator==(const AlertEvent&, const AlertEvent&) = default;
};

}  // namespace edgefeed
