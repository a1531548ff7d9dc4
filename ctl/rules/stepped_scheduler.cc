#include "ctl/rules/stepped_scheduler.h"

#include <algorithm>
#include <optional>

namespace edgefeed {

class SteppedScheduler::Entry final : public Timer::Entry {
 public:
  Entry(Timers& timers, SteadyTime due, Task task)
      : timers_(timers), task_(std::move(task)), place_(timers.emplace(due, this)) {}
  ~Entry() override {
    if (place_) timers_.erase(*place_);
  }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;

  // Its task, which may destroy the entry.
  Task Take() {
    timers_.erase(*place_);
    place_.reset();
    return std::move(task_);
  }

 private:
  Timers& timers_;
  Task task_;
  std::optional<Timers::iterator> place_;
};

Timer SteppedScheduler::RunAt(SteadyTime due, Task task) {
  return Timer(std::make_unique<Entry>(timers_, due, std::move(task)));
}

void SteppedScheduler::AdvanceTo(WallTime time) {
  RunPosted();
  while (!timers_.empty()) {
    const auto due =
        std::chrono::ceil<std::chrono::milliseconds>(timers_.begin()->first.time_since_epoch());
    if (WallTime(due) > time) break;
    wall_ = std::max(wall_, WallTime(due));
    timers_.begin()->second->Take()();
    RunPosted();
  }
  wall_ = std::max(wall_, time);
}

void SteppedScheduler::RunPosted() {
  while (!posted_.empty()) {
    const Task task = std::move(posted_.front());
    posted_.pop_front();
    task();
  }
}

}  // namespace edgefeed
