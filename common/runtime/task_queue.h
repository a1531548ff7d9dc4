#pragma once

#include <cstddef>
#include <deque>
#include <mutex>

#include "common/runtime/scheduler.h"

namespace edgefeed {

// Tasks that run one at a time, in the order in which they came, on the home thread or on that of
// whoever dispatches. Says when the home thread is wanted; waking it is its owner's job.
// Thread-safe: the lock is held to put and take tasks, never while one runs.
class TaskQueue {
 public:
  enum class Home { kNotWanted, kWanted };

  // `task` runs on the home thread.
  Home Post(Task task);

  // Runs `task` here and now if nothing runs or waits. Otherwise whoever runs a task takes this one
  // after it, or the home thread does.
  Home Dispatch(Task task);

  // On the home thread, when it was wanted: runs what waits now. What comes meanwhile is for the
  // next time, so that timers and sockets of that thread have their turn.
  Home RunWaiting();

 private:
  struct Waiting {
    Task task;
    bool home_only = true;
  };

  // With the lock held:
  Home Add(Waiting waiting);
  void RunNext(std::unique_lock<std::mutex>& lock);  // Releases it while the task runs.
  Home Leave();

  std::mutex mutex_;
  std::deque<Waiting> waiting_;
  bool running_ = false;      // Somebody runs a task, and looks for more after it.
  bool home_wanted_ = false;  // Said, and not yet come.
};

}  // namespace edgefeed
