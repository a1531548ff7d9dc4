// Reads, for each cooling device in /sys/class/thermal,
//   cooling_device0/type         cpufreq-cpu0     (thermal-cpufreq-0, Processor, pwm-fan, …)
//   cooling_device0/cur_state    2                (0: does not cool; -1: not known)
//   cooling_device0/max_state    4
#include "agent/proc/cooling.h"

#include <algorithm>
#include <map>
#include <string>

#include "agent/proc/directory.h"
#include "agent/proc/kernel_file.h"
#include "agent/proc/slow_source.h"
#include "common/base/file.h"
#include "common/base/text.h"
#include "common/model/metrics.h"

namespace edgefeed {
namespace {

constexpr unsigned kCoolingEachRefresh = 1;

class Cooling final : public SlowSource {
 public:
  explicit Cooling(std::filesystem::path directory)
      : SlowSource(kCoolingEachRefresh), directory_(std::move(directory)) {}

 private:
  // A server has one of a type for each CPU: the one that does most tells.
  Status Look(MachineState& state) override {
    std::map<std::string, double> most;
    for (const unsigned number : NumberedEntries(directory_, "cooling_device")) {
      const auto device = directory_ / ("cooling_device" + std::to_string(number));
      const auto type = ReadSmallFile(device / "type");
      const auto now = ReadIntegerFile(device / "cur_state");
      const auto max = ReadIntegerFile(device / "max_state");
      if (!type || !now || !max || *now < 0 || *max <= 0) continue;
      double& of_type = most[std::string(Trim(*type))];
      of_type = std::max(of_type, static_cast<double>(*now) / static_cast<double>(*max));
    }
    for (const auto& [type, ratio] : most) state.Add(metrics::kCooling, ratio, {{"type", type}});
    return {};
  }

  std::filesystem::path directory_;
};

}  // namespace

SourceResult OpenCooling(const KernelRoots& roots) {
  auto directory = roots.sys / "class/thermal";
  if (NumberedEntries(directory, "cooling_device").empty()) {
    return Error{Code::kNotFound, directory.string() + ": no cooling device"};
  }
  return std::unique_ptr<Source>(std::make_unique<Cooling>(std::move(directory)));
}

}  // namespace edgefeed
