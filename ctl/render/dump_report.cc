#include "ctl/render/dump_report.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "common/base/safe_text.h"
#include "common/digest/dump_signature.h"
#include "ctl/render/dump_table.h"
#include "ctl/render/human.h"
#include "ctl/render/table.h"

namespace edgefeed {
namespace {

constexpr std::size_t kRegistersInALine = 3;
constexpr std::size_t kLogLines = 20;

std::string Hex(std::uint64_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  do {
    text += kDigits[value % 16];
    value /= 16;
  } while (value > 0);
  std::ranges::reverse(text);
  return "0x" + text;
}

void AddRow(Table& table, std::string title, std::string value) {
  if (value.empty()) return;
  table.Add({{"  " + std::move(title), Style::kDim}, {std::move(value)}});
}

std::string When(WallTime time, WallTime now) {
  if (UnixMillis(time) == 0) return {};
  return FormatUtc(time) + " (" + FormatAgo(time, now) + ")";
}

std::string Why(const DumpInfo& info) {
  std::string why = SignalName(info.signal);
  if (info.signal_code != 0) why += ", code " + std::to_string(info.signal_code);
  if (info.fault_address) why += ", at " + Hex(*info.fault_address);
  return why;
}

std::string BuildIdOf(const DumpInfo& info) {
  for (const DumpModule& module : info.modules) {
    if (module.path == info.executable) return SafeText(module.build_id);
  }
  return {};
}

Table Facts(const DumpEntry& dump, WallTime now) {
  const DumpInfo& info = dump.info;
  Table table({{""}, {""}});
  AddRow(table, "device", SafeText(dump.device));
  AddRow(table, "program", SafeText(info.executable.empty() ? info.command : info.executable));
  AddRow(table, "process",
         info.pid == 0 ? "" : std::to_string(info.pid) + ", user " + std::to_string(info.uid));
  AddRow(table, "unit", SafeText(info.unit));
  AddRow(table, "package", SafeText(info.package));
  AddRow(table, "build id", BuildIdOf(info));
  AddRow(table, "signal", SafeText(Why(info)));
  AddRow(table, "crashed", When(info.crashed_at, now));
  if (info.occurrences > 1) AddRow(table, "last", When(info.last_at, now));
  AddRow(table, "stored", When(dump.stored_at, now));
  AddRow(table, "system",
         SafeText(info.device.operating_system + " " + info.device.kernel_release));
  AddRow(table, "boot", SafeText(info.boot_id));
  AddRow(table, "group", SafeText(dump.group));
  AddRow(table, "kept", DumpContentText(dump));
  AddRow(table, "note", SafeText(dump.note));
  if (dump.kept) AddRow(table, "sha256", ToString(dump.sha256));
  return table;
}

std::string FrameText(const DumpFrame& frame) {
  std::string text = frame.function.empty() ? "??" : SafeText(frame.function);
  if (!frame.source.empty()) text += " at " + SafeText(frame.source);
  if (frame.module.empty()) return text + " (" + Hex(frame.offset) + ")";
  return text + " (" + SafeText(frame.module) + "+" + Hex(frame.offset) + ")";
}

void AddThread(const DumpThread& thread, std::string_view title, std::vector<Line>& lines) {
  lines.emplace_back();
  lines.push_back({{std::string(title) + " " + std::to_string(thread.id), Style::kBold}});
  for (std::size_t i = 0; i < thread.frames.size(); ++i) {
    lines.push_back(
        {{"  #" + std::to_string(i) + "  ", Style::kDim}, {FrameText(thread.frames[i])}});
  }
}

void AddRegisters(const std::vector<DumpRegister>& registers, std::vector<Line>& lines) {
  if (registers.empty()) return;
  lines.emplace_back();
  lines.push_back({{"registers", Style::kBold}});
  Table table(std::vector<Column>(2 * kRegistersInALine));
  for (std::size_t i = 0; i < registers.size(); i += kRegistersInALine) {
    Line cells;
    for (std::size_t k = i; k < i + kRegistersInALine; ++k) {
      const bool is_one = k < registers.size();
      cells.push_back({is_one ? "  " + SafeText(registers[k].name) : "", Style::kDim});
      cells.push_back({is_one ? Hex(registers[k].value) : ""});
    }
    table.Add(std::move(cells));
  }
  std::ranges::move(table.Lines(), std::back_inserter(lines));
}

void AddLog(const std::string& log, std::vector<Line>& lines) {
  if (log.empty()) return;
  lines.emplace_back();
  lines.push_back({{"log", Style::kBold}});
  std::vector<std::string> last;
  for (std::size_t at = 0; at < log.size();) {
    const std::size_t end = std::min(log.find('\n', at), log.size());
    last.push_back(log.substr(at, end - at));
    at = end + 1;
  }
  const std::size_t first = last.size() > kLogLines ? last.size() - kLogLines : 0;
  for (std::size_t i = first; i < last.size(); ++i) lines.push_back({{"  " + SafeText(last[i])}});
}

// What tells how the device was: no counters, nothing that it has several of, nothing of the agent.
bool IsTelling(const Series& series) {
  return series.labels.empty() && !series.metric.ends_with("_total") &&
         !series.metric.starts_with("agent_");
}

// The newest value of the telling metrics.
void AddMetrics(const DumpMetrics& metrics, std::vector<Line>& lines) {
  if (metrics.metrics.empty()) return;
  lines.emplace_back();
  lines.push_back({{"metrics before the crash", Style::kBold}});
  Table table({{""}, {""}});
  for (const DumpMetric& metric : metrics.metrics) {
    const auto value = std::find_if(metric.values.rbegin(), metric.values.rend(),
                                    [](double each) { return !std::isnan(each); });
    if (!IsTelling(metric.series) || value == metric.values.rend()) continue;
    AddRow(table, SafeText(metric.series.metric), FormatReading(metric.series.metric, *value));
  }
  std::ranges::move(table.Lines(), std::back_inserter(lines));
  lines.push_back(
      {{"  " + FormatNumber(static_cast<double>(metrics.metrics.size())) + " series of " +
            std::to_string(metrics.times.size()) + " samples are in --json",
        Style::kDim}});
}

}  // namespace

std::vector<Line> DumpReport(const DumpEntry& dump, WallTime now) {
  const DumpInfo& info = dump.info;
  std::vector<Line> lines = {
      {{SafeText(dump.id) + "  ", Style::kBold}, {SafeText(SignatureOf(info).title)}}};
  std::ranges::move(Facts(dump, now).Lines(), std::back_inserter(lines));
  for (std::size_t i = 0; i < info.threads.size(); ++i) {
    AddThread(info.threads[i], i == 0 ? "crashed thread" : "thread", lines);
    if (i == 0) AddRegisters(info.threads[i].registers, lines);
  }
  AddLog(info.log_tail, lines);
  AddMetrics(info.metrics, lines);
  return lines;
}

}  // namespace edgefeed
