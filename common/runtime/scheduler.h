#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "common/base/clock.h"

namespace edgefeed {

using Task = std::function<void()>;

// A task that is due later. Destroying or Cancel()ling it keeps the task from running; do so on the
// scheduler's thread.
class Timer {
 public:
  // What a Scheduler puts behind a Timer; its destructor cancels.
  class Entry {
   public:
    virtual ~Entry() = default;
  };

  Timer() = default;
  explicit Timer(std::unique_ptr<Entry> entry) : entry_(std::move(entry)) {}

  void Cancel() { entry_.reset(); }

 private:
  std::unique_ptr<Entry> entry_;
};

// Runs tasks one after another, on one thread. The seam between our code and time: tests use one
// that is stepped by hand.
class Scheduler {
 public:
  virtual ~Scheduler() = default;

  [[nodiscard]] virtual SteadyTime Now() const = 0;
  [[nodiscard]] virtual WallTime WallNow() const = 0;
  [[nodiscard]] virtual std::chrono::milliseconds SinceBoot() const = 0;

  // From any thread; never runs `task` before it returns.
  virtual void Post(Task task) = 0;

  // On the scheduler's own thread only. A time that has passed means as soon as possible.
  [[nodiscard]] virtual Timer RunAt(SteadyTime due, Task task) = 0;

  [[nodiscard]] Timer RunAfter(std::chrono::milliseconds delay, Task task) {
    return RunAt(Now() + delay, std::move(task));
  }
};

}  // namespace edgefeed
