#include "ctl/render/snapshot_report.h"

#include "common/base/safe_text.h"
#include "ctl/render/human.h"
#include "ctl/render/reading_lines.h"
#include "ctl/render/table.h"

namespace edgefeed {
namespace {

// "a, b, c" of those that are not empty.
std::string Join(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) {
    if (!part.empty()) text += (text.empty() ? "" : ", ") + SafeText(part);
  }
  return text;
}

void AddRow(Table& table, std::string title, std::string value) {
  if (value.empty()) return;
  table.Add({{std::move(title), Style::kDim}, {std::move(value)}});
}

// "2026-11-25 10:00:00 UTC (3h ago), kernel panic: …, off for 3m12s".
std::string BootText(const BootInfo& boot, WallTime now) {
  std::string why = SafeText(DescribeBoot(boot));
  if (!boot.started) return why;
  return FormatUtc(*boot.started) + " (" + FormatAgo(*boot.started, now) + "), " + why;
}

Table Headline(const DeviceSample& sample, WallTime now) {
  Table table({{""}, {""}});
  AddRow(table, "  cpu", FormatPercent(sample.cpu_usage_percent));
  AddRow(table, "  memory", FormatMebibytes(sample.memory_used_mib));
  AddRow(table, "  sampled", FormatUtc(sample.time) + " (" + FormatAgo(sample.time, now) + ")");
  AddRow(table, "  payloads", FormatNumber(static_cast<double>(sample.request_count)));
  if (!sample.info) return table;
  const DeviceInfo& info = *sample.info;
  AddRow(table, "  system", Join({info.operating_system, info.kernel_release, info.machine}));
  AddRow(table, "  agent", SafeText(info.agent_version));
  AddRow(table, "  labels", LabelText(info.labels));
  if (info.boot) AddRow(table, "  booted", BootText(*info.boot, now));
  AddRow(table, "  boot", SafeText(info.boot_id));
  return table;
}

}  // namespace

std::vector<Line> SnapshotReport(const DeviceSample& sample, WallTime now) {
  std::vector<Line> lines = {{{SafeText(sample.name), Style::kBold}}};
  for (Line& line : Headline(sample, now).Lines()) lines.push_back(std::move(line));
  if (sample.readings.empty()) return lines;
  lines.emplace_back();
  for (Line& line : ReadingLines(sample.readings)) lines.push_back(std::move(line));
  return lines;
}

}  // namespace edgefeed
