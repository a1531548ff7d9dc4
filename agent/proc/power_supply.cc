// Reads, for each supply in /sys/class/power_supply,
//   BAT0/type        Battery      (or UPS; Mains, USB, Wireless: power from outside)
//   BAT0/scope       System       (Device: the battery of a mouse; often absent)
//   BAT0/present     1            (often absent)
//   BAT0/capacity    87           (percent)
//   BAT0/status      Discharging  (Charging, Full, Not charging, Unknown)
//   AC/online        1            (2: one of several that is used)
#include "agent/proc/power_supply.h"

#include <string>

#include "agent/proc/directory.h"
#include "agent/proc/kernel_file.h"
#include "agent/proc/slow_source.h"
#include "common/base/file.h"
#include "common/base/text.h"
#include "common/model/metrics.h"

namespace edgefeed {
namespace {

constexpr unsigned kSupplyEachRefresh = 1;

std::string TextOf(const std::filesystem::path& path) {
  const auto text = ReadSmallFile(path);
  return text ? std::string(Trim(*text)) : std::string();
}

void AddBattery(const std::filesystem::path& supply, const Labels& labels, MachineState& state) {
  if (TextOf(supply / "present") == "0") return;
  const auto percent = ReadIntegerFile(supply / "capacity");
  if (percent && *percent >= 0 && *percent <= 100) {
    state.Add(metrics::kBatteryCharge, static_cast<double>(*percent) / 100, labels);
  }
  const std::string status = TextOf(supply / "status");
  if (status.empty() || status == "Unknown") return;
  state.Add(metrics::kBatteryDischarging, status == "Discharging" ? 1 : 0, labels);
}

class PowerSupply final : public SlowSource {
 public:
  explicit PowerSupply(std::filesystem::path directory)
      : SlowSource(kSupplyEachRefresh), directory_(std::move(directory)) {}

 private:
  Status Look(MachineState& state) override {
    for (const std::string& name : EntriesOf(directory_)) {
      const auto supply = directory_ / name;
      const std::string type = TextOf(supply / "type");
      const Labels labels = {{"supply", name}};
      if (type == "Battery" || type == "UPS") {
        if (TextOf(supply / "scope") != "Device") AddBattery(supply, labels, state);
      } else if (const auto online = ReadIntegerFile(supply / "online")) {
        state.Add(metrics::kMainsOnline, *online > 0 ? 1 : 0, labels);
      }
    }
    return {};
  }

  std::filesystem::path directory_;
};

}  // namespace

SourceResult OpenPowerSupply(const KernelRoots& roots) {
  auto directory = roots.sys / "class/power_supply";
  std::error_code error;
  if (!std::filesystem::is_directory(directory, error)) {
    return Error{Code::kNotFound, directory.string() + ": not there"};
  }
  return std::unique_ptr<Source>(std::make_unique<PowerSupply>(std::move(directory)));
}

}  // namespace edgefeed
