#include "ctl/render/reading_lines.h"

#include <algorithm>

#include "common/base/safe_text.h"
#include "ctl/render/human.h"
#include "ctl/render/table.h"

namespace edgefeed {
namespace {

std::vector<const DeviceReading*> InOrder(const std::vector<DeviceReading>& readings) {
  std::vector<const DeviceReading*> sorted;
  sorted.reserve(readings.size());
  for (const DeviceReading& reading : readings) sorted.push_back(&reading);
  std::ranges::stable_sort(sorted, {},
                           [](const DeviceReading* r) -> const Series& { return r->series; });
  return sorted;
}

std::string GroupOf(const DeviceReading& reading) {
  return reading.series.metric.substr(0, reading.series.metric.find('_'));
}

}  // namespace

std::string LabelText(const Labels& labels) {
  std::string text;
  for (const Label& label : labels) {
    text += (text.empty() ? "" : ", ") + SafeText(label.name) + "=" + SafeText(label.value);
  }
  return text;
}

std::vector<Line> ReadingLines(const std::vector<DeviceReading>& readings) {
  Table table({{""}, {""}, {"", Align::kRight}});
  std::vector<std::string> groups;
  for (const DeviceReading* reading : InOrder(readings)) {
    const std::string& metric = reading->series.metric;
    groups.push_back(GroupOf(*reading));
    table.Add({{"  " + SafeText(metric)},
               {LabelText(reading->series.labels), Style::kDim},
               {FormatReading(metric, reading->value)}});
  }
  // One table for all groups, so that their values stand in one column.
  const std::vector<Line> rows = table.Lines();
  std::vector<Line> lines;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i == 0 || groups[i] != groups[i - 1])
      lines.push_back({{SafeText(groups[i]), Style::kBold}});
    lines.push_back(rows[i]);
  }
  return lines;
}

std::string ReadingsOnOneLine(const std::vector<DeviceReading>& readings) {
  std::string text;
  for (const DeviceReading* reading : InOrder(readings)) {
    text += (text.empty() ? "" : "  ") + SafeText(ToString(reading->series)) + "=" +
            FormatReading(reading->series.metric, reading->value);
  }
  return text;
}

}  // namespace edgefeed
