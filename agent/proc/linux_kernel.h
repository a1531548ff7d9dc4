#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "agent/proc/kernel.h"
#include "agent/proc/kernel_roots.h"
#include "agent/proc/source.h"
#include "common/base/clock.h"
#include "common/base/result.h"

namespace edgefeed {

// The running Linux. Each source is read by itself: one that fails is counted, and the others go
// on. A source that this kernel does not have at start is not asked again.
class LinuxKernel final : public Kernel {
 public:
  // `clock` must outlive the kernel. `roots` is for our own parsers: libproc2, which reads stat,
  // meminfo, diskstats, loadavg and uptime, always takes the real /proc. UNAVAILABLE when not even
  // one source can be read.
  static Result<std::unique_ptr<LinuxKernel>> Open(const KernelRoots& roots, const Clock& clock);

  MachineState Read() override;

 private:
  LinuxKernel(std::vector<std::unique_ptr<Source>> sources, std::uint64_t errors,
              const Clock& clock)
      : sources_(std::move(sources)), errors_(errors), clock_(clock) {}

  void RefreshWhenDue();
  void Count(const Status& status);

  std::vector<std::unique_ptr<Source>> sources_;
  std::uint64_t errors_;  // Of files that are there and could not be read, since the start.
  const Clock& clock_;
  std::optional<SteadyTime> refreshed_;
  std::size_t last_size_ = 0;
};

}  // namespace edgefeed
