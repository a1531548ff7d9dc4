// Reads, where they are,
//   /sys/class/hwmon/hwmon0/name               rpi_volt
//   /sys/class/hwmon/hwmon0/in0_lcrit_alarm    1       (1: below the critical minimum)
//   /sys/devices/platform/soc/soc:firmware/get_throttled    50005     (hexadecimal: its bits are
//     0 under-voltage, 1 frequency capped, 2 throttled, 3 soft temperature limit; 16–19: the same,
//     at any time since the boot)
#include "agent/proc/under_voltage.h"

#include <string>
#include <vector>

#include "agent/proc/directory.h"
#include "agent/proc/kernel_file.h"
#include "agent/proc/slow_source.h"
#include "common/base/file.h"
#include "common/base/text.h"
#include "common/model/metrics.h"

namespace edgefeed {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kVoltageEachRefresh = 1;
constexpr std::uint32_t kUnderVoltageBit = 1U << 0U;
constexpr std::uint32_t kThrottledBits = 0b1110;
constexpr unsigned kSeenShift = 16;

struct Alarm {
  fs::path file;
  std::string sensor;
};

std::vector<Alarm> AlarmsIn(const fs::path& directory) {
  std::vector<Alarm> alarms;
  for (const std::string& monitor : EntriesOf(directory)) {
    for (const std::string& file : EntriesOf(directory / monitor)) {
      if (!file.starts_with("in") || !file.ends_with("_lcrit_alarm")) continue;
      const auto name = ReadSmallFile(directory / monitor / "name");
      alarms.push_back({directory / monitor / file, (name ? std::string(Trim(*name)) : monitor) +
                                                        "/" + file.substr(0, file.find('_'))});
    }
  }
  return alarms;
}

class UnderVoltage final : public SlowSource {
 public:
  UnderVoltage(std::vector<Alarm> alarms, fs::path firmware)
      : SlowSource(kVoltageEachRefresh),
        alarms_(std::move(alarms)),
        firmware_(std::move(firmware)) {}

 private:
  Status Look(MachineState& state) override {
    for (const Alarm& alarm : alarms_) {
      const auto value = ReadIntegerFile(alarm.file);
      if (value) {
        state.Add(metrics::kUnderVoltage, static_cast<double>(*value), {{"sensor", alarm.sensor}});
      }
    }
    const auto text = ReadSmallFile(firmware_);
    const auto told = text ? ParseThrottled(*text) : std::nullopt;
    if (!told) return {};
    const Labels labels = {{"sensor", "firmware"}};
    state.Add(metrics::kUnderVoltage, told->under_voltage ? 1 : 0, labels);
    state.Add(metrics::kUnderVoltageSeen, told->under_voltage_seen ? 1 : 0, labels);
    state.Add(metrics::kFirmwareThrottled, told->throttled ? 1 : 0);
    state.Add(metrics::kFirmwareThrottledSeen, told->throttled_seen ? 1 : 0);
    return {};
  }

  std::vector<Alarm> alarms_;
  fs::path firmware_;
};

}  // namespace

std::optional<FirmwareThrottling> ParseThrottled(std::string_view text) {
  text = Trim(text);
  if (text.starts_with("0x")) text.remove_prefix(2);
  const auto bits = ParseHexNumber<std::uint32_t>(text);
  if (!bits) return std::nullopt;
  const std::uint32_t seen = *bits >> kSeenShift;
  return FirmwareThrottling{.under_voltage = (*bits & kUnderVoltageBit) != 0,
                            .throttled = (*bits & kThrottledBits) != 0,
                            .under_voltage_seen = (seen & kUnderVoltageBit) != 0,
                            .throttled_seen = (seen & kThrottledBits) != 0};
}

SourceResult OpenUnderVoltage(const KernelRoots& roots) {
  auto alarms = AlarmsIn(roots.sys / "class/hwmon");
  auto firmware = roots.sys / "devices/platform/soc/soc:firmware/get_throttled";
  std::error_code error;
  if (alarms.empty() && !fs::exists(firmware, error)) {
    return Error{Code::kNotFound, firmware.string() + ": not there, and no alarms"};
  }
  return std::unique_ptr<Source>(
      std::make_unique<UnderVoltage>(std::move(alarms), std::move(firmware)));
}

}  // namespace edgefeed
