#include "ctl/render/watch_screen.h"

#include <algorithm>

#include "common/base/safe_text.h"
#include "ctl/render/human.h"
#include "ctl/render/reading_lines.h"
#include "ctl/render/table.h"

namespace edgefeed {
namespace {

constexpr std::size_t kSparklineLength = 20;
constexpr std::chrono::seconds kStaleAfter{10};

Span AgeCell(WallTime sampled, WallTime now) {
  return {FormatAgo(sampled, now), now - sampled > kStaleAfter ? Style::kWarning : Style::kPlain};
}

}  // namespace

void WatchScreen::Accept(const DeviceSample& sample) {
  Row& row = devices_[sample.name];
  row.newest = sample;
  row.recent_cpu.push_back(sample.cpu_usage_percent);
  if (row.recent_cpu.size() > kSparklineLength) row.recent_cpu.pop_front();
}

std::vector<Line> WatchScreen::DeviceRows(WallTime now) const {
  Table table({{"NAME"},
               {"CPU", Align::kRight},
               {"RECENT CPU", Align::kRight},
               {"MEMORY", Align::kRight},
               {"SAMPLED", Align::kRight},
               {"PAYLOADS", Align::kRight}});
  for (const auto& [name, row] : devices_) {
    const std::vector<double> recent(row.recent_cpu.begin(), row.recent_cpu.end());
    table.Add({{SafeText(name)},
               {FormatPercent(row.newest.cpu_usage_percent)},
               {PadLeft(Sparkline(recent, glyphs_), kSparklineLength)},
               {FormatMebibytes(row.newest.memory_used_mib)},
               AgeCell(row.newest.time, now),
               {FormatNumber(static_cast<double>(row.newest.request_count))}});
  }
  return table.Lines();
}

WatchScreen::Body WatchScreen::MakeBody(WallTime now) const {
  if (devices_.empty()) return {.lines = {{{"waiting for the first sample", Style::kDim}}}};
  Body body;
  std::vector<Line> rows = DeviceRows(now);
  body.lines.push_back(std::move(rows[0]));
  std::size_t at = 1;
  for (const auto& [name, device] : devices_) {
    body.lines.push_back(std::move(rows[at++]));
    for (Line& line : ReadingLines(device.newest.readings)) {
      line.insert(line.begin(), {"  "});
      body.lines.push_back(std::move(line));
      body.has_readings = true;
    }
  }
  return body;
}

std::vector<Line> WatchScreen::Lines(ScreenSize size, WallTime now) const {
  const std::string count =
      std::to_string(devices_.size()) + (devices_.size() == 1 ? " device" : " devices");
  std::vector<Line> lines = {
      {{title_, Style::kBold}, {"  " + count + "  " + FormatUtc(now) + "  (Ctrl-C ends)"}}};
  if (!note_.empty()) lines.push_back({{note_, Style::kWarning}});
  lines.emplace_back();

  Body body = MakeBody(now);
  const std::size_t room = size.rows > lines.size() ? size.rows - lines.size() : 0;
  if (body.lines.size() > room) {
    const std::size_t shown = room > 0 ? room - 1 : 0;
    const std::string hidden = "+" + std::to_string(body.lines.size() - shown) + " more";
    body.lines.resize(shown);
    body.lines.push_back({{hidden + (body.has_readings ? " lines" : ""), Style::kDim}});
  }
  for (Line& line : body.lines) lines.push_back(std::move(line));
  if (lines.size() > size.rows) lines.resize(size.rows);
  return lines;
}

Line WatchLine(const DeviceSample& sample) {
  Line line = {{FormatUtc(sample.time) + "  ", Style::kDim},
               {SafeText(sample.name), Style::kBold},
               {"  cpu " + PadLeft(FormatPercent(sample.cpu_usage_percent), 7)},
               {"  memory " + PadLeft(FormatMebibytes(sample.memory_used_mib), 10)}};
  if (!sample.readings.empty()) line.push_back({"  " + ReadingsOnOneLine(sample.readings)});
  return line;
}

}  // namespace edgefeed
