#include "common/runtime/task_queue.h"

#include <utility>

namespace edgefeed {
namespace {

// What a dispatcher runs for others before it goes back to its own work.
constexpr int kMostForOthers = 64;

}  // namespace

TaskQueue::Home TaskQueue::Post(Task task) {
  const std::lock_guard lock(mutex_);
  return Add({.task = std::move(task), .home_only = true});
}

TaskQueue::Home TaskQueue::Dispatch(Task task) {
  std::unique_lock lock(mutex_);
  if (running_ || !waiting_.empty()) {
    return Add({.task = std::move(task), .home_only = false});
  }
  running_ = true;
  lock.unlock();
  task();
  lock.lock();
  for (int i = 0; i < kMostForOthers && !waiting_.empty() && !waiting_.front().home_only; ++i) {
    RunNext(lock);
  }
  return Leave();
}

TaskQueue::Home TaskQueue::RunWaiting() {
  std::unique_lock lock(mutex_);
  home_wanted_ = false;
  if (running_) return Home::kNotWanted;  // Who runs now says it again if anything is left.
  running_ = true;
  for (std::size_t left = waiting_.size(); left > 0; --left) RunNext(lock);
  return Leave();
}

TaskQueue::Home TaskQueue::Add(Waiting waiting) {
  waiting_.push_back(std::move(waiting));
  if (running_ || std::exchange(home_wanted_, true)) return Home::kNotWanted;
  return Home::kWanted;
}

void TaskQueue::RunNext(std::unique_lock<std::mutex>& lock) {
  const Task task = std::move(waiting_.front().task);
  waiting_.pop_front();
  lock.unlock();
  task();
  lock.lock();
}

TaskQueue::Home TaskQueue::Leave() {
  running_ = false;
  if (waiting_.empty() || std::exchange(home_wanted_, true)) return Home::kNotWanted;
  return Home::kWanted;
}

}  // namespace edgefeed
