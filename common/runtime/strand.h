#pragma once

#include <memory>
#include <string>

#include "common/runtime/scheduler.h"

namespace boost::asio {
class io_context;
}  // namespace boost::asio

namespace edgefeed {

// Runs one task at a time, in the order posted, on a thread of its own. Its name shows in `top -H`.
class Strand final : public Scheduler {
 public:
  // `name`: at most 15 characters. `clock` must outlive the strand.
  Strand(const std::string& name, const Clock& clock);
  // Joins the thread. Tasks still queued do not run.
  ~Strand() override;
  Strand(const Strand&) = delete;
  Strand& operator=(const Strand&) = delete;

  [[nodiscard]] SteadyTime Now() const override;
  [[nodiscard]] WallTime WallNow() const override;
  [[nodiscard]] std::chrono::milliseconds SinceBoot() const override;
  void Post(Task task) override;
  [[nodiscard]] Timer RunAt(SteadyTime due, Task task) override;

  // Like Post(), but an idle strand runs `task` here and now, because waking its thread costs more
  // than a short task. Never waits: a busy strand runs it later, here or on another dispatcher's
  // thread or on its own, in its turn. Only for tasks that do not block, on a strand without users
  // of context().
  void Dispatch(Task task);

  // Returns when every task posted before the call has run. Not from the strand itself.
  void Drain();

  // For sockets, pipes and signals that are served on this strand.
  boost::asio::io_context& context();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Runs `task` on `strand` and returns when it has run. Not from the strand itself.
void RunOn(Strand& strand, const Task& task);

}  // namespace edgefeed
