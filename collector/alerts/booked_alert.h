#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/model/alert_event.h"
#include "common/model/severity.h"

namespace edgefeed {

// How an alert is. One that does not fire has the other fields at their defaults.
struct AlertCondition {
  bool firing = false;
  Severity severity = Severity::kInfo;
  bool no_data = false;  // It fired when the values ended.
  friend bool operator==(const AlertCondition&, const AlertCondition&) = default;
};

// Somebody looks after it. Ends with the alert.
struct Acknowledgement {
  std::string author;
  std::string comment;
  WallTime at;
  std::optional<WallTime> expires;
  friend bool operator==(const Acknowledgement&, const Acknowledgement&) = default;
};

// Why operators are not told of an alert now; the first that holds.
enum class Suppression { kNone, kSilenced, kInhibited, kWaits, kFlapping, kAcknowledged };

// What the alert of a child waits for before it is told.
enum class ParentWait {
  kNone,
  kForParent,    // To fire as well, or to be heard from.
  kAfterParent,  // For the child itself, whose parent is back.
};

struct BookedAlert {
  std::string id;    // See AlertId().
  AlertEvent event;  // The newest one.
  AlertCondition now;
  AlertCondition told;  // What operators believe.
  WallTime started;     // Of the event with which it began to fire.
  WallTime fired;       // When that was, by the collector's clock.
  WallTime updated;     // When the newest event came, by the collector's clock.
  std::optional<Acknowledgement> acknowledged;

  std::vector<WallTime> changes;         // The latest ones, for FlapConfig.
  std::optional<WallTime> damped_until;  // It flaps.

  std::chrono::milliseconds silent_for{0};  // How long the device had been silent when it fired.
  ParentWait wait = ParentWait::kNone;
  WallTime wait_until;

  // Not kept: found again at each look.
  std::vector<std::uint64_t> silenced_by;
  std::string inhibited_by;  // A device. Empty: by none.
};

// As of the book's last look at it.
Suppression SuppressionOf(const BookedAlert& alert);

}  // namespace edgefeed
