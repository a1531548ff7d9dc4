#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <vector>

#include "agent/outbox/segment_format.h"
#include "common/base/clock.h"
#include "common/model/clock_trust.h"
#include "common/model/sample.h"

namespace edgefeed {

// When a boot began, on the wall clock.
struct BootStart {
  WallTime time;
  ClockTrust trust = ClockTrust::kGuess;  // kGuess or worse: `time` says nothing.
};

// What one sample tells of its boot.
struct BootTrace {
  BootId id{};
  std::chrono::milliseconds since_boot{0};
  BootStart start;
};

// Nothing when the boot or the time since it is not known.
std::optional<BootTrace> TraceOf(const BootId& id, const Sample& sample);

// The boots that samples on disk are of, in the order in which they were, and when each began: all
// samples of a boot are dated by what was best known at any time of it. Pure.
class Boots {
 public:
  // Traces of a boot come in order; of equally good ones the last counts.
  void Note(const BootTrace& trace);

  // When an earlier boot than `now` began. Of one whose clock was never set, or was set wrong, a
  // guess: its last sample was taken just before the next boot, which is as late as it can have
  // been. Nothing when there is no such boot.
  struct ThisBoot {
    BootId id{};
    BootStart start;
  };
  [[nodiscard]] std::optional<BootStart> Find(const BootId& id, const ThisBoot& now) const;
  // Samples that came with this trust would date those of the boot that are there better.
  [[nodiscard]] bool IsBetter(const BootId& id, ClockTrust trust) const;
  // How many boots there are before this one whose clock was never set.
  [[nodiscard]] std::size_t never_set(const BootId& now) const;

 private:
  struct Boot {
    BootId id{};
    BootStart start;
    std::chrono::milliseconds last{0};  // Since boot, of its last sample.

    [[nodiscard]] WallTime end() const { return start.time + last; }
  };
  static std::vector<bool> Believable(std::span<const Boot> earlier, const BootStart& now);

  std::vector<Boot> boots_;
};

}  // namespace edgefeed
