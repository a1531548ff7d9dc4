#include "bench/history/device_model.h"

#include <algorithm>
#include <cmath>

namespace edgefeed::bench {
namespace {

using std::chrono::milliseconds;

enum Value : std::size_t {
  kLoad,
  kTemperature,
  kCached,
  kDiskUsed,
  kReceived,
  kSent,
  kDiskWritten,
  kContextSwitches,
};

constexpr double kPage = 4096;
constexpr double kSector = 512;
constexpr double kKib = 1.0 / 1024;  // Of a MiB.

double Rounded(double value, double steps) { return std::round(value * steps) / steps; }

class Chance {
 public:
  explicit Chance(DeviceModel::Random& random) : random_(random) {}
  double Uniform(double from, double to) {
    return from + (to - from) * static_cast<double>(random_() - DeviceModel::Random::min()) /
                      static_cast<double>(DeviceModel::Random::max());
  }
  bool OneIn(double n) { return Uniform(0, n) < 1; }
  // Bell-shaped about 0, most of it within `width`.
  double About(double width) {
    return width * (Uniform(-1, 1) + Uniform(-1, 1) + Uniform(-1, 1)) / 2;
  }
  // Traffic: mostly small, at times large.
  double Burst(double typical) { return typical * std::exp(About(1.5)); }

 private:
  DeviceModel::Random& random_;
};

}  // namespace

std::array<Series, kValuesPerSample - 2> ModelSeries() {
  return {{{"load1", {}},
           {"temperature_celsius", {{"zone", "cpu-thermal"}}},
           {"memory_cached_bytes", {}},
           {"filesystem_used_bytes", {{"mount", "/"}}},
           {"network_receive_bytes_total", {{"interface", "eth0"}}},
           {"network_transmit_bytes_total", {{"interface", "eth0"}}},
           {"disk_written_bytes_total", {{"device", "mmcblk0"}}},
           {"context_switches_total", {}}}};
}

DeviceInfo ModelInfo(const std::string& device) {
  return {.boot_id = "b1946ac9-2492-4d23-8ce4-" + device,
          .run_id = "c157a79031e1c40f",
          .agent_version = "0.1.0",
          .kernel_release = "6.1.0-28-arm64",
          .machine = "aarch64",
          .operating_system = "Debian GNU/Linux 12 (bookworm)",
          .labels = {{"group", "bench"}, {"site", "hall-3"}}};
}

DeviceModel::DeviceModel(Random& random, WallTime start, milliseconds phase)
    : phase_(phase), due_(start + phase), start_(start) {
  Chance chance(random);
  boot_to_start_ = milliseconds(static_cast<std::int64_t>(chance.Uniform(1e6, 1e9)));
  busy_ = chance.Uniform(5, 60);
  sample_.memory_used_mib = Rounded(chance.Uniform(100, 900), 1024);
  const std::array<double, kValuesPerSample - 2> first = {
      Rounded(busy_ / 50, 100),
      Rounded(chance.Uniform(40, 60), 2),
      std::round(chance.Uniform(1e4, 1e5)) * kPage,
      std::round(chance.Uniform(1e5, 1e6)) * kPage,
      std::round(chance.Uniform(1e8, 1e10)),
      std::round(chance.Uniform(1e7, 1e9)),
      std::round(chance.Uniform(1e5, 1e7)) * kSector,
      std::round(chance.Uniform(1e7, 1e9))};
  for (const double value : first) {
    sample_.readings.push_back({static_cast<SeriesId>(sample_.readings.size()), value});
  }
}

const Sample& DeviceModel::Next(Random& random) {
  Chance chance(random);
  const auto value = [this](Value which) -> double& { return sample_.readings[which].value; };
  TakeTime(random);
  busy_ = std::clamp(busy_ + chance.About(1), 3.0, 95.0);
  sample_.cpu_usage_percent = std::clamp(Rounded(busy_ + chance.About(4), 100), 0.0, 100.0);
  sample_.memory_used_mib += std::round(chance.About(300)) * kKib;
  // The kernel computes it every 5 s.
  if (chance.OneIn(5)) value(kLoad) = Rounded(0.92 * value(kLoad) + 0.08 * busy_ / 25, 100);
  if (chance.OneIn(8)) value(kTemperature) += chance.OneIn(2) ? 0.5 : -0.5;
  if (!chance.OneIn(3)) value(kCached) += std::round(chance.About(40)) * kPage;
  if (chance.OneIn(10)) value(kDiskUsed) += std::round(chance.About(8)) * kPage;
  value(kReceived) += std::round(chance.Burst(6000));
  value(kSent) += std::round(chance.Burst(2500));
  if (chance.OneIn(5)) value(kDiskWritten) += 8 * std::round(chance.Burst(20)) * kSector;
  value(kContextSwitches) += std::round(1500 + 10 * busy_ + chance.About(150));
  return sample_;
}

void DeviceModel::TakeTime(Random& random) {
  Chance chance(random);
  const milliseconds late(chance.OneIn(6) ? 1 + static_cast<std::int64_t>(chance.Burst(1)) : 0);
  ++sample_.position.sequence;
  if (sample_.position.stream == 0)
    sample_.position.stream = (StreamId{random()} << 32U) | random();
  sample_.time = due_ + late;
  sample_.since_boot = boot_to_start_ + (sample_.time - start_);
  due_ += std::chrono::seconds(1);
}

}  // namespace edgefeed::bench
