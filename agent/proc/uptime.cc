// Reads /proc/uptime, through libproc2.
//   1560.98 2950.71     (seconds since boot; seconds that the CPUs were idle)
#include "agent/proc/uptime.h"

#include <libproc2/misc.h>

#include "common/model/metrics.h"

namespace edgefeed {
namespace {

Result<double> UptimeSeconds() {
  double uptime = 0;
  double idle = 0;
  if (const int failed = procps_uptime(&uptime, &idle); failed < 0) {
    return ErrnoError("/proc/uptime", -failed);
  }
  return uptime;
}

class Uptime final : public Source {
 public:
  Status Read(MachineState& state) override {
    const auto seconds = UptimeSeconds();
    if (!seconds) return seconds.error();
    state.Add(metrics::kUptime, *seconds);
    return {};
  }
};

}  // namespace

SourceResult OpenUptime() {
  if (const auto seconds = UptimeSeconds(); !seconds) return seconds.error();
  return std::unique_ptr<Source>(std::make_unique<Uptime>());
}

}  // namespace edgefeed
