#include "agent/clock/device_clock.h"

#include <spdlog/spdlog.h>
#include <sys/timex.h>

#include <utility>

namespace edgefeed {
namespace {

using std::chrono::milliseconds;

// A crystal drifts up to 4 s a day: after so long without the kernel's word the collector's counts.
constexpr std::chrono::hours kKernelGoodFor{1};
// A smaller difference is the network's, or drift that is being slewed: not worth a line.
constexpr milliseconds kWorthALine{1000};
// A clock that shows less was never set: boards without a battery begin in 1970, or in whatever
// year their chip was made. 2023, before the first agent.
constexpr std::uint64_t kNeverSetBefore = 1'672'531'200'000;

}  // namespace

DeviceClock::DeviceClock(Scheduler& scheduler, IsSynchronized kernel_is_synchronized)
    : scheduler_(scheduler), kernel_is_synchronized_(std::move(kernel_is_synchronized)) {}

WallTime DeviceClock::At(milliseconds since_boot) {
  AskKernel();
  return boot_ + since_boot;
}

void DeviceClock::AskKernel() {
  const WallTime boot = scheduler_.WallNow() - scheduler_.SinceBoot();
  if (kernel_is_synchronized_()) {
    trust_ = ClockTrust::kKernel;
    kernel_since_ = scheduler_.Now();
    boot_ = boot;
  } else if (trust_ <= ClockTrust::kDevice) {
    const bool is_set = scheduler_.WallNow() >= FromUnixMillis(kNeverSetBefore);
    trust_ = is_set ? ClockTrust::kDevice : ClockTrust::kGuess;
    boot_ = boot;
  }
}

void DeviceClock::Learn(WallTime collector_time, milliseconds round_trip) {
  AskKernel();
  const bool kernel_is_fresh =
      trust_ == ClockTrust::kKernel && scheduler_.Now() - kernel_since_ < kKernelGoodFor;
  if (kernel_is_fresh) return;
  const WallTime boot = collector_time + round_trip / 2 - scheduler_.SinceBoot();
  const auto off = std::chrono::abs(boot - boot_);
  if (off >= kWorthALine) {
    spdlog::warn("the clock is not synchronised and off by {:.1f} s: samples get the collector's",
                 std::chrono::duration<double>(off).count());
  }
  trust_ = ClockTrust::kCollector;
  boot_ = boot;
}

milliseconds DeviceClock::SystemAhead() const {
  return scheduler_.WallNow() - scheduler_.SinceBoot() - boot_;
}

bool KernelClockIsSynchronized() {
  timex state{};
  const int answer = adjtimex(&state);
  // Less than 0: the call is forbidden here, which is no reason to believe anything.
  return answer >= 0 && answer != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}

}  // namespace edgefeed
