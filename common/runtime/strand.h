#pragma once

#include <memory>
#include <string>

#include "common/runtime/scheduler.h"

namespace boost::asio {
class io_context;
}  // namespace boost::asio

namespace edgefeed {

// A thread of its own with a queue of tasks, run in the order posted. Its name shows in `top -H`.
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
  void Post(Task task) override;
  [[nodiscard]] Timer RunAt(SteadyTime due, Task task) override;

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
