#include "tests/hostile/hostile_fleet.h"

#include <sys/resource.h>

namespace edgefeed {
namespace {

// What they use of this machine they would use elsewhere: others come first, and they get a share.
void GiveWay() { ::setpriority(PRIO_PROCESS, 0, 15); }  // Of the calling thread, on Linux.

}  // namespace

HostileFleet::HostileFleet(const std::vector<HostileSpec>& specs) {
  for (const HostileSpec& spec : specs) {
    HostileDevice& device = devices_.emplace_back(spec);
    threads_.emplace_back(
        [&device, &rounds = rounds_[spec.misdeed], round = kMisdeeds[spec.misdeed].round] {
          GiveWay();
          for (; !device.stopped(); ++rounds) round(device);
        });
  }
}

void HostileFleet::Stop() {
  for (HostileDevice& device : devices_) device.Stop();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace edgefeed
