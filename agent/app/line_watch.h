#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "common/runtime/scheduler.h"

namespace edgefeed {

enum class Line { kFree, kBusy };

// Says when samples need the line to the collector for themselves: when more of them wait than a
// few seconds bring. On the core strand.
class LineWatch {
 public:
  struct Terms {
    std::function<std::uint64_t()> waiting;  // Samples.
    std::uint64_t most_waiting = 0;          // With more the line is busy.
    std::function<void(Line)> on_change;     // It is free at first.
  };
  // The scheduler and what `terms` use must outlive it.
  LineWatch(Scheduler& scheduler, Terms terms) : scheduler_(scheduler), terms_(std::move(terms)) {}

  // A sample has arrived. Until the line is free again it looks by itself, each second: what leaves
  // says nothing.
  void OnArrival();

 private:
  void Look();

  Scheduler& scheduler_;
  const Terms terms_;
  Line line_ = Line::kFree;
  Timer again_;
};

}  // namespace edgefeed
