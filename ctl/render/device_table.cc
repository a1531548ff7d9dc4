#include "ctl/render/device_table.h"

#include "common/base/safe_text.h"
#include "ctl/render/human.h"
#include "ctl/render/table.h"

namespace edgefeed {
namespace {

Span FiringCell(const std::vector<std::string>& rules) {
  if (rules.empty()) return {"-", Style::kDim};
  std::string names;
  for (const std::string& rule : rules) names += (names.empty() ? "" : ",") + SafeText(rule);
  return {std::move(names), Style::kBad};
}

}  // namespace

std::vector<Line> DeviceTable(const std::vector<DeviceEntry>& devices, WallTime now) {
  if (devices.empty()) return {{{"no devices yet"}}};
  Table table({{"NAME"},
               {"STATE"},
               {"ADDRESS"},
               {"CPU", Align::kRight},
               {"MEMORY", Align::kRight},
               {"LAST SEEN", Align::kRight},
               {"FIRING"}});
  for (const DeviceEntry& device : devices) {
    table.Add({{SafeText(device.name)},
               device.connected ? Span{"online", Style::kGood} : Span{"offline", Style::kWarning},
               {device.address.empty() ? "-" : SafeText(device.address)},
               {device.has_sample ? FormatPercent(device.cpu_usage_percent) : "-"},
               {device.has_sample ? FormatMebibytes(device.memory_used_mib) : "-"},
               {FormatAgo(device.last_seen, now)},
               FiringCell(device.firing)});
  }
  return table.Lines();
}

}  // namespace edgefeed
