#include "common/runtime/turns.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/support/manual_scheduler.h"

namespace edgefeed {
namespace {

// Work of so many steps, of which each is written down.
class Work final : public Turns::Taker {
 public:
  Work(char name, int steps, Turns& turns, std::string& log)
      : name_(name), steps_(steps), turns_(turns), log_(log) {
    turns_.Await(*this);
  }
  void TakeTurn() override {
    log_ += name_;
    if (--steps_ > 0) turns_.Await(*this);
  }

 private:
  char name_;
  int steps_;
  Turns& turns_;
  std::string& log_;
};

TEST_CASE("each has a step at a time, in the order in which they came") {
  ManualScheduler scheduler;
  Turns turns(scheduler);
  std::string log;
  const Work a('a', 3, turns, log);
  const Work b('b', 1, turns, log);
  const Work c('c', 2, turns, log);
  CHECK(log.empty());
  scheduler.RunUntilIdle();
  CHECK(log == "abcaca");
}

TEST_CASE("between two steps whatever else there is to do is done") {
  ManualScheduler scheduler;
  Turns turns(scheduler);
  std::string log;
  // Comes during each step, as payloads of others do.
  struct Busy final : Turns::Taker {
    void TakeTurn() override {
      *log += 's';
      scheduler->Post([this] { *log += '.'; });
    }
    Scheduler* scheduler = nullptr;
    std::string* log = nullptr;
  };
  Busy one;
  Busy other;
  for (Busy* const busy : {&one, &other}) {
    busy->scheduler = &scheduler;
    busy->log = &log;
    turns.Await(*busy);
  }
  scheduler.RunUntilIdle();
  CHECK(log == "s.s.");
}

TEST_CASE("who is forgotten has no turn, and the others go on") {
  ManualScheduler scheduler;
  Turns turns(scheduler);
  std::string log;
  Work a('a', 1, turns, log);
  const Work b('b', 1, turns, log);
  turns.Forget(a);
  scheduler.RunUntilIdle();
  CHECK(log == "b");
  const Work c('c', 1, turns, log);
  scheduler.RunUntilIdle();
  CHECK(log == "bc");
}

}  // namespace
}  // namespace edgefeed
