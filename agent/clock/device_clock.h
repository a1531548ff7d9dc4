#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "agent/ports.h"
#include "common/base/clock.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// What time it was at each moment of this boot. A sample is stamped with the time since boot, which
// never jumps; this adds the best known time of the boot, and steps of a clock that is not
// synchronised change nothing once the time was known. On the core strand.
class DeviceClock final : public SampleClock {
 public:
  // Asks the kernel: STA_UNSYNC of adjtimex(2).
  using IsSynchronized = std::function<bool()>;

  DeviceClock(Scheduler& scheduler, IsSynchronized kernel_is_synchronized);

  WallTime At(std::chrono::milliseconds since_boot) override;
  void Learn(WallTime collector_time, std::chrono::milliseconds round_trip) override;

  [[nodiscard]] ClockTrust trust() const override { return trust_; }
  // How far the system's clock is ahead of the best known time. Zero while its own is all there is.
  [[nodiscard]] std::chrono::milliseconds SystemAhead() const;

 private:
  void AskKernel();

  Scheduler& scheduler_;
  IsSynchronized kernel_is_synchronized_;
  ClockTrust trust_ = ClockTrust::kGuess;
  WallTime boot_;            // The best known time of the boot.
  SteadyTime kernel_since_;  // When the kernel was last synchronised.
};

// The system's kernel.
bool KernelClockIsSynchronized();

}  // namespace edgefeed
