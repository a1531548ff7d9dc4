#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "collector/rules/rule_function.h"
#include "common/base/clock.h"

namespace edgefeed {

// Whether a value that drops has started again from 0.
enum class ValueKind { kGauge, kCounter };

// The values of one series over the last so much time, for one rule. Takes memory as values come,
// and none any more once it has been full: 16 bytes a value, 24 for kP95, and up to three times
// that.
class SampleWindow {
 public:
  // Of more values than this the oldest go, though they are not too old.
  static constexpr std::size_t kMaxValues = 3600;

  // Precondition: not kLast.
  SampleWindow(RuleFunction function, std::chrono::milliseconds length, ValueKind kind)
      : function_(function), length_(length), kind_(kind) {}

  // Takes the newest value, forgets those that are too old, and the oldest where there are to be at
  // most so many, or kMaxValues. `time` must not go back. True unless one had to go that was not
  // too old.
  [[nodiscard]] bool Add(WallTime time, double value, std::size_t most = kMaxValues);

  // What the function makes of the values. Nothing: a rate needs two values of different times, and
  // a delta needs two values. Precondition: there was an Add().
  [[nodiscard]] std::optional<double> Value() const;

  [[nodiscard]] std::size_t size() const { return points_.size() - first_; }

 private:
  struct Point {
    WallTime time;
    double value = 0;
  };

  [[nodiscard]] bool IsOld(std::chrono::milliseconds age) const;
  void DropOldest();
  void Compact();
  [[nodiscard]] double Average() const;
  [[nodiscard]] double Increase() const;

  RuleFunction function_;
  std::chrono::milliseconds length_;
  ValueKind kind_;
  std::vector<Point> points_;  // In order of time, from `first_` on.
  std::size_t first_ = 0;
  std::vector<double> sorted_;  // The same values in order; only of kP95.
};

}  // namespace edgefeed
