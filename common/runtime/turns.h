#pragma once

#include <deque>

#include "common/runtime/scheduler.h"

namespace edgefeed {

// Long work of many, a step at a time: between two steps, whosever they are, everything else that
// waits for the strand has its turn. All on one strand.
class Turns {
 public:
  class Taker {
   public:
    virtual ~Taker() = default;
    // The next step, of about a millisecond at most.
    virtual void TakeTurn() = 0;
  };

  // `scheduler` must outlive it.
  explicit Turns(Scheduler& scheduler) : scheduler_(scheduler) {}
  ~Turns() = default;
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;

  // One turn, after those of all who wait already, unless it is forgotten before.
  void Await(Taker& taker);
  void Forget(Taker& taker) { std::erase(waiting_, &taker); }

 private:
  void Arrange();
  void Next();

  Scheduler& scheduler_;
  std::deque<Taker*> waiting_;
  Timer next_;
  bool is_due_ = false;
};

}  // namespace edgefeed
