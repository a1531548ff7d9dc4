#include "tests/support/manual_scheduler.h"

#include <algorithm>

namespace edgefeed {

class ManualScheduler::Entry final : public Timer::Entry {
 public:
  Entry(Timers& timers, SteadyTime due, Task task)
      : timers_(timers), task_(std::move(task)), self_(timers.emplace(due, this)) {}
  ~Entry() override {
    if (waiting_) timers_.erase(self_);
  }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;

  Task Take() {
    timers_.erase(self_);
    waiting_ = false;
    return std::move(task_);
  }

 private:
  Timers& timers_;
  Task task_;
  Timers::iterator self_;
  bool waiting_ = true;
};

Timer ManualScheduler::RunAt(SteadyTime due, Task task) {
  return Timer(std::make_unique<Entry>(timers_, due, std::move(task)));
}

void ManualScheduler::RunUntilIdle() {
  while (true) {
    Task task;
    if (!posted_.empty()) {
      task = std::move(posted_.front());
      posted_.pop_front();
    } else if (!timers_.empty() && timers_.begin()->first <= Now()) {
      task = timers_.begin()->second->Take();
    } else {
      return;
    }
    task();
  }
}

void ManualScheduler::Advance(std::chrono::milliseconds by) {
  const SteadyTime end = Now() + by;
  RunUntilIdle();
  while (!timers_.empty() && timers_.begin()->first <= end) {
    const auto step = std::chrono::ceil<std::chrono::milliseconds>(timers_.begin()->first - Now());
    clock_.Advance(std::max(step, std::chrono::milliseconds(0)));
    RunUntilIdle();
  }
  if (Now() < end)
    clock_.Advance(std::chrono::duration_cast<std::chrono::milliseconds>(end - Now()));
}

}  // namespace edgefeed
