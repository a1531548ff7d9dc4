#include "agent/proc/linux_kernel.h"

#include <chrono>
#include <string>
#include <utility>

#include "agent/proc/cgroup.h"
#include "agent/proc/cooling.h"
#include "agent/proc/cpu_clock.h"
#include "agent/proc/cpu_stat.h"
#include "agent/proc/diskstats.h"
#include "agent/proc/emmc.h"
#include "agent/proc/file_nr.h"
#include "agent/proc/filesystems.h"
#include "agent/proc/loadavg.h"
#include "agent/proc/meminfo.h"
#include "agent/proc/net_dev.h"
#include "agent/proc/net_link.h"
#include "agent/proc/power_supply.h"
#include "agent/proc/pressure.h"
#include "agent/proc/process_count.h"
#include "agent/proc/self_stat.h"
#include "agent/proc/tcp_usage.h"
#include "agent/proc/thermal.h"
#include "agent/proc/under_voltage.h"
#include "agent/proc/uptime.h"
#include "common/model/metrics.h"

namespace edgefeed {
namespace {

constexpr std::chrono::seconds kRefreshEvery{10};

}  // namespace

Result<std::unique_ptr<LinuxKernel>> LinuxKernel::Open(const KernelRoots& roots,
                                                       const Clock& clock) {
  std::vector<std::unique_ptr<Source>> sources;
  std::uint64_t errors = 0;
  std::string first_error;
  const auto add = [&](SourceResult opened) {
    if (opened) return sources.push_back(*std::move(opened));
    if (opened.error().code != Code::kNotFound) ++errors;
    if (first_error.empty()) first_error = opened.error().message;
  };
  add(OpenCpuStat());
  add(OpenMeminfo());
  add(OpenDiskstats(roots));
  add(OpenLoadavg(roots));
  add(OpenUptime());
  add(OpenProcessCount(roots));
  add(OpenPressure(roots));
  add(OpenNetDev(roots));
  add(OpenNetLinks(roots));
  add(OpenFilesystems(roots));
  add(OpenThermal(roots));
  add(OpenCpuClock(roots));
  add(OpenCooling(roots));
  add(OpenUnderVoltage(roots));
  add(OpenPowerSupply(roots));
  add(OpenEmmc(roots));
  add(OpenFileNr(roots));
  add(OpenCgroup(roots));
  add(OpenSelfStat(roots));
  add(OpenTcpUsage(roots));
  if (sources.empty()) return Error{Code::kUnavailable, first_error};
  return std::unique_ptr<LinuxKernel>(new LinuxKernel(std::move(sources), errors, clock));
}

MachineState LinuxKernel::Read() {
  RefreshWhenDue();
  MachineState state;
  state.readings.reserve(last_size_);
  for (const auto& source : sources_) Count(source->Read(state));
  state.Add(metrics::kAgentReadErrors, static_cast<double>(errors_));
  last_size_ = state.readings.size();
  return state;
}

void LinuxKernel::RefreshWhenDue() {
  const SteadyTime now = clock_.Steady();
  if (refreshed_ && now - *refreshed_ < kRefreshEvery) return;
  refreshed_ = now;
  for (const auto& source : sources_) Count(source->Refresh());
}

void LinuxKernel::Count(const Status& status) {
  if (!status) ++errors_;
}

}  // namespace edgefeed
