#include "common/runtime/strand.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <future>
#include <latch>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

constexpr int kPosters = 4;
constexpr int kTasks = 500;  // Of each poster.

// Counts, on a strand, what each poster's tasks say of themselves. Unprotected: ThreadSanitizer
// watches.
class PosterCounts {
 public:
  [[nodiscard]] Task Count(std::size_t poster, int number) {
    return [this, poster, number] { out_of_order_ += next_[poster]++ == number ? 0 : 1; };
  }
  void Touch() { ++next_[0], --next_[0]; }

  void CheckAllCameInOrder() const {
    CHECK(out_of_order_ == 0);
    CHECK(next_ == std::vector<int>(kPosters, kTasks));
  }

 private:
  std::vector<int> next_ = std::vector<int>(kPosters, 0);
  int out_of_order_ = 0;
};

// Calls post(poster, number) kTasks times on each of kPosters threads; returns when they are done.
template <typename PostTask>
void RunPosters(PostTask post) {
  std::vector<std::jthread> threads;
  threads.reserve(kPosters);
  for (std::size_t poster = 0; poster < kPosters; ++poster) {
    threads.emplace_back([&post, poster] {
      for (int number = 0; number < kTasks; ++number) post(poster, number);
    });
  }
}

TEST_CASE("tasks run in the order posted, on one thread that is not the poster's") {
  const SystemClock clock;
  Strand strand("test", clock);
  std::vector<int> order;
  std::vector<std::thread::id> threads;
  for (int i = 0; i < 100; ++i) {
    strand.Post([&, i] {
      order.push_back(i);
      threads.push_back(std::this_thread::get_id());
    });
  }
  strand.Drain();

  REQUIRE(order.size() == 100);
  for (int i = 0; i < 100; ++i) CHECK(order[static_cast<std::size_t>(i)] == i);
  CHECK(std::count(threads.begin(), threads.end(), threads[0]) == 100);
  CHECK(threads[0] != std::this_thread::get_id());
}

TEST_CASE("tasks of several posters never overlap, and each poster's keep their order") {
  const SystemClock clock;
  Strand strand("test", clock);
  PosterCounts counts;
  RunPosters([&](std::size_t poster, int number) { strand.Post(counts.Count(poster, number)); });
  strand.Drain();
  counts.CheckAllCameInOrder();
}

TEST_CASE("a task posted from a task runs after it, not inside it") {
  const SystemClock clock;
  Strand strand("test", clock);
  std::vector<int> order;
  RunOn(strand, [&] {
    strand.Post([&] { order.push_back(2); });
    order.push_back(1);
  });
  strand.Drain();
  CHECK(order == std::vector{1, 2});
}

TEST_CASE("an idle strand runs a dispatched task at once, on the caller's thread") {
  const SystemClock clock;
  Strand strand("test", clock);
  std::thread::id ran_on;
  strand.Dispatch([&] { ran_on = std::this_thread::get_id(); });
  CHECK(ran_on == std::this_thread::get_id());
}

TEST_CASE("a busy strand does not make a dispatcher wait, and is not overtaken by it") {
  const SystemClock clock;
  Strand strand("test", clock);
  std::latch started(1);
  std::latch go_on(1);
  std::vector<int> order;
  strand.Post([&] {
    started.count_down();
    go_on.wait();
    order.push_back(1);
  });
  started.wait();
  strand.Dispatch([&] { order.push_back(2); });  // Would never return if it waited.
  strand.Post([&] { order.push_back(3); });
  go_on.count_down();
  strand.Dispatch([&] { order.push_back(4); });
  strand.Drain();
  CHECK(order == std::vector{1, 2, 3, 4});
}

TEST_CASE("a task dispatched from a task runs after it, whichever thread that is on") {
  const SystemClock clock;
  Strand strand("test", clock);
  std::vector<int> order;
  const auto outer = [&](int first) {
    return [&strand, &order, first] {
      strand.Dispatch([&order, first] { order.push_back(first + 1); });
      order.push_back(first);
    };
  };
  RunOn(strand, outer(1));
  strand.Drain();
  strand.Dispatch(outer(3));
  strand.Drain();
  CHECK(order == std::vector{1, 2, 3, 4});
}

TEST_CASE("dispatched tasks, posted tasks and timers never overlap") {
  const SystemClock clock;
  Strand strand("test", clock);
  PosterCounts counts;
  std::vector<Timer> timers;
  std::latch all_timers(kTasks);
  RunOn(strand, [&] {
    for (int i = 0; i < kTasks; ++i) {
      timers.push_back(strand.RunAfter(std::chrono::milliseconds(i % 20), [&] {
        counts.Touch();
        all_timers.count_down();
      }));
    }
  });
  RunPosters([&](std::size_t poster, int number) {
    if (number % 3 == 0) {
      strand.Post(counts.Count(poster, number));
    } else {
      strand.Dispatch(counts.Count(poster, number));
    }
  });
  all_timers.wait();
  strand.Drain();
  counts.CheckAllCameInOrder();
  RunOn(strand, [&] { timers.clear(); });
}

TEST_CASE("timers run in the order in which they are due") {
  const SystemClock clock;
  Strand strand("test", clock);
  std::vector<int> order;
  std::vector<Timer> timers;
  std::latch all(3);
  const auto note = [&](int what) {
    order.push_back(what);
    all.count_down();
  };
  RunOn(strand, [&] {
    timers.push_back(strand.RunAfter(30ms, [&] { note(3); }));
    timers.push_back(strand.RunAfter(10ms, [&] { note(1); }));
    timers.push_back(strand.RunAfter(20ms, [&] { note(2); }));
  });
  all.wait();
  RunOn(strand, [&] { timers.clear(); });
  CHECK(order == std::vector{1, 2, 3});
}

TEST_CASE("a timer does not run early") {
  const SystemClock clock;
  Strand strand("test", clock);
  std::promise<SteadyTime> ran;
  Timer timer;
  const SteadyTime due = clock.Steady() + 20ms;
  RunOn(strand, [&] { timer = strand.RunAt(due, [&] { ran.set_value(strand.Now()); }); });
  CHECK(ran.get_future().get() >= due);
  RunOn(strand, [&] { timer.Cancel(); });
}

TEST_CASE("a timer whose time has passed runs as soon as possible, but not at once") {
  const SystemClock clock;
  Strand strand("test", clock);
  std::promise<void> ran;
  bool ran_inside = false;
  bool inside = false;
  Timer timer;
  RunOn(strand, [&] {
    inside = true;
    timer = strand.RunAt(clock.Steady() - 1h, [&] {
      ran_inside = inside;
      ran.set_value();
    });
    inside = false;
  });
  ran.get_future().wait();
  CHECK_FALSE(ran_inside);
  RunOn(strand, [&] { timer.Cancel(); });
}

TEST_CASE("a cancelled, a destroyed and a replaced timer do not run") {
  const SystemClock clock;
  Strand strand("test", clock);
  int ran = 0;
  std::promise<void> later;
  Timer cancelled;
  Timer replaced;
  RunOn(strand, [&] {
    cancelled = strand.RunAfter(1ms, [&] { ++ran; });
    cancelled.Cancel();
    cancelled.Cancel();  // Twice is once.
    static_cast<void>(strand.RunAfter(1ms, [&] { ++ran; }));
    replaced = strand.RunAfter(1ms, [&] { ++ran; });
    replaced = strand.RunAfter(20ms, [&] { later.set_value(); });
  });
  later.get_future().wait();
  CHECK(ran == 0);
  RunOn(strand, [&] { replaced.Cancel(); });
}

TEST_CASE("a timer that is due already can still be cancelled by another that is") {
  const SystemClock clock;
  Strand strand("test", clock);
  int ran = 0;
  Timer one;
  Timer other;
  std::promise<void> done;
  Timer after;
  RunOn(strand, [&] {
    const SteadyTime due = clock.Steady() + 5ms;
    one = strand.RunAt(due, [&] { ++ran, other.Cancel(); });
    other = strand.RunAt(due, [&] { ++ran, one.Cancel(); });
    after = strand.RunAt(due + 5ms, [&] { done.set_value(); });
  });
  done.get_future().wait();
  CHECK(ran == 1);
  RunOn(strand, [&] { after.Cancel(); });
}

TEST_CASE("a timer's task may destroy the timer, or set it anew") {
  const SystemClock clock;
  Strand strand("test", clock);
  std::optional<Timer> timer;
  std::promise<std::string> done;
  RunOn(strand, [&] {
    // Longer than what a std::function holds in place: freed memory would show.
    timer = strand.RunAfter(1ms, [&, text = std::string(100, 'x')] {
      timer = strand.RunAfter(1ms, [&, text] {
        timer.reset();
        done.set_value(text);
      });
    });
  });
  CHECK(done.get_future().get() == std::string(100, 'x'));
}

TEST_CASE("a strand's end waits for the task that runs, and frees those that do not") {
  const SystemClock clock;
  bool finished = false;
  const auto held = std::make_shared<int>(0);
  {
    Strand strand("test", clock);
    std::latch started(1);
    strand.Post([&] {
      started.count_down();
      for (int i = 0; i < 1000; ++i) std::this_thread::yield();
      finished = true;
    });
    for (int i = 0; i < 10; ++i) strand.Post([held] {});
    started.wait();
  }
  CHECK(finished);
  CHECK(held.use_count() == 1);
}

}  // namespace
}  // namespace edgefeed
