// Reads, for each zone in /sys/class/thermal,
//   thermal_zone0/type    cpu-thermal
//   thermal_zone0/temp    48312          (1/1000 °C, may be negative; fails while the sensor is
//   off)
#include "agent/proc/thermal.h"

#include <string>
#include <vector>

#include "agent/proc/directory.h"
#include "agent/proc/kernel_file.h"
#include "common/base/file.h"
#include "common/base/text.h"
#include "common/model/metrics.h"

namespace edgefeed {
namespace {

struct Zone {
  Labels labels;
  KernelFile temperature;
};

class Thermal final : public Source {
 public:
  explicit Thermal(std::filesystem::path directory) : directory_(std::move(directory)) {}

  Status Refresh() override {
    zones_.clear();
    for (const unsigned number : NumberedEntries(directory_, "thermal_zone")) {
      const auto zone = directory_ / ("thermal_zone" + std::to_string(number));
      const auto type = ReadSmallFile(zone / "type");
      auto temperature = KernelFile::Open(zone / "temp");
      if (!type || !temperature) continue;
      zones_.push_back({{{"type", std::string(Trim(*type))}, {"zone", std::to_string(number)}},
                        *std::move(temperature)});
    }
    return {};
  }

  Status Read(MachineState& state) override {
    Status status;
    for (Zone& zone : zones_) {
      const auto millidegrees = zone.temperature.ReadInteger();
      if (millidegrees) {
        state.Add(metrics::kTemperature, static_cast<double>(*millidegrees) / 1000, zone.labels);
      } else if (millidegrees.error().code != Code::kUnavailable &&
                 millidegrees.error().code != Code::kNotFound) {
        status = millidegrees.error();
      }
    }
    return status;
  }

 private:
  std::filesystem::path directory_;
  std::vector<Zone> zones_;
};

}  // namespace

SourceResult OpenThermal(const KernelRoots& roots) {
  return std::unique_ptr<Source>(std::make_unique<Thermal>(roots.sys / "class/thermal"));
}

}  // namespace edgefeed
