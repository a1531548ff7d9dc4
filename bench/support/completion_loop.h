#pragma once

#include <grpcpp/completion_queue.h>

#include <chrono>
#include <cstddef>
#include <functional>

#include "bench/support/pacer.h"
#include "common/base/clock.h"

namespace edgefeed::bench {

// One kind of operation of one call: its address is the tag that goes into the completion queue.
struct Operation {
  std::function<void(bool ok)> done;
};

// Drives any number of asynchronous calls on the thread that calls Run: the client side of the
// benchmark needs one thread, however many devices it plays.
class CompletionLoop {
 public:
  using Turn = std::function<void(std::size_t member)>;

  grpc::CompletionQueue& queue() { return queue_; }

  // From now on each turn of the pacer calls `turn`, when nothing finished is waiting: gRPC looks
  // at its sockets, one at a time, only then, and what they hold comes before new work.
  void Pace(Pacer pacer, Turn turn);
  void StopPacing() { turn_ = nullptr; }

  // Runs for `limit`, or until `finished`, which is asked after every step, says so: then true.
  bool Run(std::chrono::nanoseconds limit, const std::function<bool()>& finished);
  void Run(std::chrono::nanoseconds limit);

  // Ends the queue; nothing may start an operation any more.
  void Drain();

 private:
  grpc::CompletionQueue queue_;
  Pacer pacer_{1, std::chrono::seconds(1), {}};
  Turn turn_;
};

// Starts `count` members one after another, with at most 64 on their way, so that a fleet does not
// arrive as a storm. `settled` counts those that have arrived or failed. False when `limit` passes.
bool StartAll(CompletionLoop& loop, std::size_t count, std::chrono::nanoseconds limit,
              const std::function<void(std::size_t member)>& start,
              const std::function<std::size_t()>& settled);

}  // namespace edgefeed::bench
