#pragma once

#include <utility>
#include <vector>

#include "agent/proc/kernel.h"
#include "agent/proc/source.h"

namespace edgefeed {

// A source that changes seldom: looked at once in `every` refreshes, and told from memory between.
class SlowSource : public Source {
 public:
  explicit SlowSource(unsigned every) : every_(every) {}

  Status Refresh() final {
    if (std::exchange(refreshes_, (refreshes_ + 1) % every_) != 0) return {};
    MachineState seen;
    Status status = Look(seen);
    readings_ = std::move(seen.readings);
    return status;
  }

  Status Read(MachineState& state) final {
    state.readings.insert(state.readings.end(), readings_.begin(), readings_.end());
    return {};
  }

 private:
  // Appends what the kernel tells now; as Read() of a Source.
  virtual Status Look(MachineState& state) = 0;

  unsigned every_;
  unsigned refreshes_ = 0;
  std::vector<MachineReading> readings_;
};

}  // namespace edgefeed
