#pragma once

#include <memory>

#include "agent/proc/kernel.h"
#include "common/base/result.h"

namespace edgefeed {

// One of the kernel's files, or a few that belong together. A factory that makes one returns
// NOT_FOUND when this kernel does not have it.
class Source {
 public:
  virtual ~Source() = default;

  // Looks again for what comes and goes: disks, interfaces, zones. Before the first Read() and
  // every 10 s from then on; the place for whatever costs much or changes seldom.
  virtual Status Refresh() { return {}; }

  // Appends what the kernel tells now. On failure, what could be read is there all the same.
  virtual Status Read(MachineState& state) = 0;
};

using SourceResult = Result<std::unique_ptr<Source>>;

}  // namespace edgefeed
