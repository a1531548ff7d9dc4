#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/alerts/recurring_window.h"
#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/model/alert_event.h"

namespace edgefeed {

enum class MatchKind { kIs, kIsNot, kIsLike };

// Which alerts: by `device`, `rule`, `severity`, `metric`, `labels.NAME` of the series, or
// `device.labels.NAME`. A label that is not there is empty.
struct AlertMatcher {
  std::string field;
  MatchKind kind = MatchKind::kIs;
  std::string value;  // Of kIsLike: * stands for any letters, ? for one.
  friend bool operator==(const AlertMatcher&, const AlertMatcher&) = default;
};

bool Matches(const AlertMatcher& matcher, const AlertEvent& event);

// Operators are not told of the alerts that all matchers fit, until it expires.
struct Silence {
  static constexpr std::size_t kMaxMatchers = 32;
  static constexpr std::size_t kMaxText = 1024;  // Of a value, a name or a comment.
  static constexpr std::chrono::hours kLongest{366 * 24};

  std::uint64_t number = 0;  // Never used again.
  std::vector<AlertMatcher> matchers;
  std::string author;
  std::string comment;
  WallTime created;
  WallTime expires;
  std::string window;  // Only then, see RecurringWindow; empty: always.

  [[nodiscard]] bool expired(WallTime now) const { return now >= expires; }
};

// INVALID_ARGUMENT says what a silence that begins now lacks, or has too much of.
Status CheckSilence(const Silence& silence, WallTime now);

// A silence that can be asked.
class SilenceInForce {
 public:
  // Precondition: CheckSilence(), whenever it was made.
  explicit SilenceInForce(Silence silence);

  [[nodiscard]] const Silence& silence() const { return silence_; }
  [[nodiscard]] bool Holds(WallTime now) const;
  [[nodiscard]] bool Covers(const AlertEvent& event) const;
  void ExpireAt(WallTime time) { silence_.expires = time; }

 private:
  Silence silence_;
  std::optional<RecurringWindow> window_;
};

}  // namespace edgefeed
