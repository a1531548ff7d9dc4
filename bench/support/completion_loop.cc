#include "bench/support/completion_loop.h"

#include <grpc/support/time.h>

#include <algorithm>
#include <utility>

namespace edgefeed::bench {
namespace {

constexpr std::size_t kMaxStarting = 64;
// A payload brings up to three things back: two window updates and perhaps an alert.
constexpr int kLooksPerTurn = 3;

// gRPC's monotonic clock is std::chrono's steady clock.
gpr_timespec Deadline(SteadyTime time) {
  const auto since = time.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  return {.tv_sec = seconds.count(),
          .tv_nsec = static_cast<std::int32_t>(std::chrono::nanoseconds(since - seconds).count()),
          .clock_type = GPR_CLOCK_MONOTONIC};
}

}  // namespace

void CompletionLoop::Pace(Pacer pacer, Turn turn) {
  pacer_ = pacer;
  turn_ = std::move(turn);
}

bool CompletionLoop::Run(std::chrono::nanoseconds limit, const std::function<bool()>& finished) {
  const SystemClock clock;
  const auto end = clock.Steady() + limit;
  int looks = 0;  // At the sockets, with nothing finished, since the last turn was due.
  for (auto now = clock.Steady(); now < end; now = clock.Steady()) {
    if (finished()) return true;
    void* tag = nullptr;
    bool ok = false;
    const auto wake = turn_ ? std::min(end, pacer_.due()) : end;
    if (queue_.AsyncNext(&tag, &ok, Deadline(wake)) == grpc::CompletionQueue::GOT_EVENT) {
      static_cast<Operation*>(tag)->done(ok);
    } else if (turn_ && pacer_.due() <= clock.Steady() && ++looks >= kLooksPerTurn) {
      looks = 0;
      turn_(pacer_.Take());
    }
  }
  return finished();
}

void CompletionLoop::Run(std::chrono::nanoseconds limit) {
  Run(limit, [] { return false; });
}

void CompletionLoop::Drain() {
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) static_cast<Operation*>(tag)->done(ok);
}

bool StartAll(CompletionLoop& loop, std::size_t count, std::chrono::nanoseconds limit,
              const std::function<void(std::size_t member)>& start,
              const std::function<std::size_t()>& settled) {
  std::size_t started = 0;
  return loop.Run(limit, [&] {
    while (started < count && started - settled() < kMaxStarting) start(started++);
    return settled() == count;
  });
}

}  // namespace edgefeed::bench
