#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "collector/alerts/silence.h"
#include "common/base/clock.h"
#include "common/base/result.h"

namespace edgefeed {

// The silences there are, and those that ended in the last days.
class SilenceList {
 public:
  static constexpr std::size_t kMost = 10'000;  // Further ones are refused.
  static constexpr std::chrono::hours kKept{5 * 24};

  void Restore(Silence silence);
  void RestoreNext(std::uint64_t number);
  // Gives it a number. RESOURCE_EXHAUSTED over kMost.
  Result<Silence> Add(Silence silence, WallTime now);
  // NOT_FOUND when there is none of this number, or it has ended.
  Result<Silence> Expire(std::uint64_t number, WallTime now);
  // Forgets the ones that ended kKept ago, and says which.
  std::vector<std::uint64_t> Forget(WallTime now);

  // Looks at the time. True when other silences hold than the last time.
  bool Look(WallTime now);
  // Those that held then and cover the event.
  [[nodiscard]] std::vector<std::uint64_t> Covering(const AlertEvent& event) const;

  [[nodiscard]] const Silence* Find(std::uint64_t number) const;
  [[nodiscard]] bool Holds(std::uint64_t number) const;  // As of the last look.
  [[nodiscard]] std::vector<Silence> List() const;       // In order of number.
  [[nodiscard]] std::uint64_t next() const { return next_; }

 private:
  std::map<std::uint64_t, SilenceInForce> silences_;
  std::vector<std::uint64_t> holding_;  // In order.
  std::uint64_t next_ = 1;
};

}  // namespace edgefeed
