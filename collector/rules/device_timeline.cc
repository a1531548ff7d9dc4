#include "collector/rules/device_timeline.h"

#include <algorithm>
#include <utility>

namespace edgefeed {
namespace {

// Samples this close together always belong together, and otherwise if the ones before were at
// least a third as far apart.
constexpr std::chrono::seconds kNoGap{30};
constexpr int kIntervals = 3;

}  // namespace

DeviceTimeline::Step DeviceTimeline::Advance(WallTime sample_time) {
  WallTime time = sample_time + ahead_;
  if (!last_) {
    last_ = time;
    return {.time = time};
  }
  if (time < *last_) {
    ahead_ += *last_ - time;
    time = *last_;
  }
  const auto passed = time - std::exchange(*last_, time);
  if (std::exchange(resumed_, false)) return {.time = time};
  const auto before = std::exchange(interval_, passed);
  const auto allowed = std::max<std::chrono::milliseconds>(kNoGap, kIntervals * before);
  return {.time = time, .after_gap = passed > allowed};
}

void DeviceTimeline::Resume(const Memory& memory) {
  last_ = memory.last;
  ahead_ = memory.ahead;
  interval_ = memory.interval;
  resumed_ = memory.last.has_value();
}

}  // namespace edgefeed
