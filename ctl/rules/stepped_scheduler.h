#pragma once

#include <deque>
#include <map>

#include "common/runtime/scheduler.h"

namespace edgefeed {

// A scheduler whose clocks go where they are told to go, as fast as the caller likes: for what is
// judged after the fact. Runs its tasks on the caller's thread.
class SteppedScheduler final : public Scheduler {
 public:
  [[nodiscard]] SteadyTime Now() const override {
    return SteadyTime(std::chrono::duration_cast<SteadyTime::duration>(wall_.time_since_epoch()));
  }
  [[nodiscard]] WallTime WallNow() const override { return wall_; }
  [[nodiscard]] std::chrono::milliseconds SinceBoot() const override {
    return wall_.time_since_epoch();
  }
  void Post(Task task) override { posted_.push_back(std::move(task)); }
  [[nodiscard]] Timer RunAt(SteadyTime due, Task task) override;

  // Runs what is due on the way, in order of time. A time that has passed changes nothing.
  void AdvanceTo(WallTime time);

 private:
  class Entry;
  using Timers = std::multimap<SteadyTime, Entry*>;

  void RunPosted();

  WallTime wall_;
  std::deque<Task> posted_;
  Timers timers_;
};

}  // namespace edgefeed
