#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "common/runtime/scheduler.h"

namespace edgefeed {

// Samples are lost, one after the other, for one reason: says so once, and once that it is over: so
// often as there is trouble, not as there is a sample. On the core strand.
class DropEpisode {
 public:
  // `why`: what is wrong and what can be done about it, for people. `scheduler` must outlive it.
  DropEpisode(Scheduler& scheduler, std::string reason, std::string why)
      : scheduler_(scheduler), reason_(std::move(reason)), why_(std::move(why)) {}

  // So many more are lost; 0 changes nothing.
  void Add(std::uint64_t samples);
  // There is room. The episode is over if none was lost for a minute; to be called again and again.
  void HasRoom();

 private:
  Scheduler& scheduler_;
  std::string reason_;  // As the metric has it.
  std::string why_;
  std::uint64_t lost_ = 0;  // In this episode.
  SteadyTime first_;
  SteadyTime last_;
};

}  // namespace edgefeed
