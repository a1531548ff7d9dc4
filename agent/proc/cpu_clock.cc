// Reads, for each CPU in /sys/devices/system/cpu, as far as it has them,
//   cpu0/cpufreq/scaling_cur_freq                  1500000    (kHz; "<unknown>" with some drivers)
//   cpu0/thermal_throttle/core_throttle_count      0          (x86)
//   cpu0/thermal_throttle/package_throttle_count   0          (the same in all CPUs of a package)
//   cpu0/topology/physical_package_id              0
#include "agent/proc/cpu_clock.h"

#include <set>
#include <string>
#include <vector>

#include "agent/proc/directory.h"
#include "agent/proc/kernel_file.h"
#include "common/model/metrics.h"

namespace edgefeed {
namespace {

struct Value {
  const MetricInfo* metric;
  Labels labels;
  double scale;
  KernelFile file;
};

class CpuClock final : public Source {
 public:
  explicit CpuClock(std::filesystem::path directory) : directory_(std::move(directory)) {}

  Status Refresh() override {
    values_.clear();
    std::set<std::int64_t> packages;
    for (const unsigned number : NumberedEntries(directory_, "cpu")) {
      const auto cpu = directory_ / ("cpu" + std::to_string(number));
      const Labels labels = {{"cpu", std::to_string(number)}};
      Watch(cpu / "cpufreq/scaling_cur_freq", metrics::kCpuFrequency, labels, 1000);
      Watch(cpu / "thermal_throttle/core_throttle_count", metrics::kCpuCoreThrottles, labels, 1);
      const auto package = ReadIntegerFile(cpu / "topology/physical_package_id");
      if (!package || !packages.insert(*package).second) continue;
      Watch(cpu / "thermal_throttle/package_throttle_count", metrics::kCpuPackageThrottles,
            {{"package", std::to_string(*package)}}, 1);
    }
    return {};
  }

  // A CPU that was just taken offline, or whose clock is not known, is left out.
  Status Read(MachineState& state) override {
    for (Value& value : values_) {
      const auto number = value.file.ReadInteger();
      if (!number) continue;
      state.Add(*value.metric, static_cast<double>(*number) * value.scale, value.labels);
    }
    return {};
  }

 private:
  void Watch(const std::filesystem::path& path, const MetricInfo& metric, const Labels& labels,
             double scale) {
    auto file = KernelFile::Open(path);
    if (file) values_.push_back({&metric, labels, scale, *std::move(file)});
  }

  std::filesystem::path directory_;
  std::vector<Value> values_;
};

}  // namespace

SourceResult OpenCpuClock(const KernelRoots& roots) {
  return std::unique_ptr<Source>(std::make_unique<CpuClock>(roots.sys / "devices/system/cpu"));
}

}  // namespace edgefeed
