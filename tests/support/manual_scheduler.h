#pragma once

#include <deque>
#include <map>

#include "common/base/clock.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// All clocks stand still until moved. The wall clock can also be stepped, as NTP does.
class ManualClock final : public Clock {
 public:
  [[nodiscard]] SteadyTime Steady() const override { return steady_; }
  [[nodiscard]] WallTime Wall() const override { return wall_; }
  [[nodiscard]] std::chrono::milliseconds SinceBoot() const override { return since_boot_; }
  void Advance(std::chrono::milliseconds by) {
    steady_ += by;
    since_boot_ += by;
    wall_ += by;
  }
  void StepWall(std::chrono::milliseconds by) { wall_ += by; }

 private:
  SteadyTime steady_{std::chrono::hours(1)};
  std::chrono::milliseconds since_boot_{1000};
  WallTime wall_ = FromUnixMillis(1'700'000'000'000);
};

// Runs tasks on the test's own thread, when the test says so.
class ManualScheduler final : public Scheduler {
 public:
  [[nodiscard]] SteadyTime Now() const override { return clock_.Steady(); }
  [[nodiscard]] WallTime WallNow() const override { return clock_.Wall(); }
  [[nodiscard]] std::chrono::milliseconds SinceBoot() const override { return clock_.SinceBoot(); }
  void Post(Task task) override { posted_.push_back(std::move(task)); }
  [[nodiscard]] Timer RunAt(SteadyTime due, Task task) override;

  // Runs what was posted and what is due, and what that posts in turn.
  void RunUntilIdle();
  // Moves both clocks on by `by`, stopping at each timer on the way.
  void Advance(std::chrono::milliseconds by);

  ManualClock& clock() { return clock_; }

 private:
  class Entry;
  using Timers = std::multimap<SteadyTime, Entry*>;

  ManualClock clock_;
  std::deque<Task> posted_;
  Timers timers_;
};

}  // namespace edgefeed
