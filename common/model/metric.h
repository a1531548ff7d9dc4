#pragma once

#include <span>
#include <string_view>

namespace edgefeed {

enum class Unit { kNone, kBytes, kSeconds, kRatio, kCelsius, kHertz, kPercent, kMebibytes };
enum class Kind { kGauge, kCounter };

// One metric of the catalogue. Names follow Prometheus: unit suffix, `_total` on counters.
struct MetricInfo {
  std::string_view name;
  Unit unit = Unit::kNone;
  Kind kind = Kind::kGauge;
  std::string_view labels;  // Names of its labels, comma-separated, sorted; empty for none.
  std::string_view help;    // One sentence: what the value means and where the kernel tells it.
};

// "bytes", "seconds" and so on; empty for kNone.
std::string_view UnitName(Unit unit);
std::string_view KindName(Kind kind);

// Every metric that an agent reads from its machine, sorted by name.
std::span<const MetricInfo* const> MetricCatalog();

// The catalogue's entry of this name, or null.
const MetricInfo* FindMetric(std::string_view name);

}  // namespace edgefeed
