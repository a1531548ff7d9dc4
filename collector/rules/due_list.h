#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <utility>

#include "common/base/clock.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// Things of which each is due at one time, with one timer for all of them. On the scheduler's
// thread.
template <typename Thing>
class DueList {
 public:
  // `due` is called with each thing when it is due, and may Add() it again. Many that are due at
  // about the same time are called together, up to kTogether late.
  DueList(Scheduler& scheduler, std::function<void(Thing&)> due)
      : scheduler_(scheduler), due_(std::move(due)) {}

  void Add(Thing& thing, SteadyTime time) {
    things_.emplace(time, &thing);
    Arm();
  }
  void Remove(Thing& thing, SteadyTime time) { things_.erase({time, &thing}); }

 private:
  static constexpr std::chrono::milliseconds kTogether{50};

  void Arm() {
    if (things_.empty()) return;
    const SteadyTime first = things_.begin()->first;
    if (armed_ && *armed_ <= first) return;
    armed_ = std::max(first, scheduler_.Now() + kTogether);
    timer_ = scheduler_.RunAt(*armed_, [this] { Run(); });
  }

  void Run() {
    armed_.reset();
    const SteadyTime now = scheduler_.Now();
    while (!things_.empty() && things_.begin()->first <= now) {
      Thing& thing = *things_.begin()->second;
      things_.erase(things_.begin());
      due_(thing);
    }
    Arm();
  }

  Scheduler& scheduler_;
  std::function<void(Thing&)> due_;
  std::set<std::pair<SteadyTime, Thing*>> things_;
  std::optional<SteadyTime> armed_;
  Timer timer_;
};

}  // namespace edgefeed
