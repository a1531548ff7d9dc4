#include "collector/http/process_usage.h"

#include <unistd.h>

#include <array>

#include "common/base/file.h"
#include "common/base/text.h"
#include "common/runtime/descriptors.h"

namespace edgefeed {
namespace {

// Positions in /proc/PID/stat counted from the state, which follows the name in parentheses.
constexpr std::size_t kUserTicks = 11;
constexpr std::size_t kSystemTicks = 12;
constexpr std::size_t kStartTicks = 19;
constexpr std::size_t kVirtualBytes = 20;
constexpr std::size_t kResidentPages = 21;
constexpr std::size_t kFields = 22;

std::optional<double> BootTime(std::string_view stat) {
  constexpr std::string_view kKey = "btime ";
  while (const auto line = NextLine(stat)) {
    if (line->starts_with(kKey)) return ParseNumber<double>(line->substr(kKey.size()));
  }
  return std::nullopt;
}

}  // namespace

// /proc/self/stat, on one line; the name may hold blanks and parentheses:
//   4131 (edgefeed-collec) S 1 4131 4131 0 -1 4194560 5102 0 0 0 153 47 0 0 20 0 9 0 88123 …
// /proc/stat, among others:
//   btime 1700000000
Result<ProcessUsage> ParseProcessStat(std::string_view self_stat, std::string_view stat,
                                      const ProcUnits& units) {
  const Error bad{Code::kDataLoss, "/proc/self/stat: not as expected"};
  const auto name_end = self_stat.rfind(')');
  if (name_end == std::string_view::npos) return bad;
  std::string_view rest = self_stat.substr(name_end + 1);
  std::array<std::uint64_t, kFields> fields{};
  for (auto& field : fields) {
    const auto text = NextField(rest);
    if (!text) return bad;
    field = ParseNumber<std::uint64_t>(*text).value_or(0);  // The state and negatives: not used.
  }
  const auto boot_time = BootTime(stat);
  if (!boot_time) return Error{Code::kDataLoss, "/proc/stat: no btime"};
  const auto seconds = [&](std::uint64_t ticks) {
    return static_cast<double>(ticks) / units.ticks_per_second;
  };
  return ProcessUsage{.cpu_seconds = seconds(fields[kUserTicks] + fields[kSystemTicks]),
                      .start_time_unix_seconds = *boot_time + seconds(fields[kStartTicks]),
                      .resident_bytes = fields[kResidentPages] * units.page_bytes,
                      .virtual_bytes = fields[kVirtualBytes]};
}

Result<ProcessUsage> ReadProcessUsage() {
  const auto self_stat = ReadSmallFile("/proc/self/stat");
  if (!self_stat) return self_stat.error();
  const auto stat = ReadSmallFile("/proc/stat");
  if (!stat) return stat.error();
  const ProcUnits units{.ticks_per_second = static_cast<double>(::sysconf(_SC_CLK_TCK)),
                        .page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE))};
  auto usage = ParseProcessStat(*self_stat, *stat, units);
  if (!usage) return usage;
  usage->open_fds = CountOpenDescriptors();
  usage->max_fds = MaxDescriptors();
  return usage;
}

}  // namespace edgefeed
