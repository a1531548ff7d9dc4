#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <set>
#include <string>

#include "collector/stats.h"
#include "common/base/clock.h"
#include "common/model/alert.h"
#include "common/model/series.h"

namespace edgefeed {

// What one device is yet to be told of its own alerts, in the order in which it happened. An alert
// stays until the device says that it has it, so that the next connection can tell it again.
class DeviceMailbox {
 public:
  struct Limits {
    std::size_t alerts = 64;  // Then the oldest goes, and is counted.
    // Nobody acts on an alert any more that could not be delivered for so long.
    std::chrono::milliseconds time_to_live = std::chrono::hours(1);
  };
  struct Letter {
    Alert alert;
    std::string subject;  // What it is about: rule and series.
    WallTime written;
    bool sent = false;
    friend bool operator==(const Letter&, const Letter&) = default;
  };
  // All of it, for another run of the collector.
  struct Memory {
    std::uint64_t last_number = 0;
    std::deque<Letter> letters;
    std::set<std::string> told;
    friend bool operator==(const Memory&, const Memory&) = default;
  };

  // Gives the alert a number and keeps it. A firing one takes the place of those about the same
  // that were sent. A resolved one takes the place of all of them, and is not kept itself when the
  // device was never told that it fired.
  void Add(Alert alert, const Series& series, WallTime now, const Limits& limits,
           CollectorStats& stats);

  // The first one with a number above `after`, which counts as sent from now on; null: there is
  // none. Valid until the next call.
  const Alert* Next(std::uint64_t after, WallTime now, const Limits& limits, CollectorStats& stats);

  // The device has all up to this number. True when that changes something.
  bool Acknowledge(std::uint64_t number);

  // Nothing that another run would have to know.
  [[nodiscard]] bool empty() const { return memory_.letters.empty() && memory_.told.empty(); }
  [[nodiscard]] const Memory& memory() const { return memory_; }
  // What was not written down as sent may have been, in the moment before the collector was killed.
  void Restore(Memory memory);

 private:
  Memory memory_;  // `told`: the subjects of which the device knows that they fire.
};

}  // namespace edgefeed
