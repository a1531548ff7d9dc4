#include "ctl/render/history_text.h"

#include <array>
#include <charconv>
#include <string>

#include "common/base/safe_text.h"
#include "common/base/units.h"
#include "ctl/render/timeline.h"

namespace edgefeed {
namespace {

// The shortest text that is read back as the same number.
std::string Exact(double number) {
  std::array<char, 32> text{};
  const auto written = std::to_chars(text.data(), text.data() + text.size(), number);
  return {text.data(), written.ptr};
}

std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

void PrintHistoryLines(const std::vector<PastSeries>& past, std::chrono::milliseconds step,
                       std::ostream& out) {
  for (const PastSeries& series : past) {
    if (&series != past.data()) out << "\n\n";
    if (past.size() > 1) out << "# " << SafeText(ToString(series.series)) << '\n';
    const auto longest = LongestDistance(series.values, step);
    for (std::size_t i = 0; i < series.values.size(); ++i) {
      if (IsAfterGap(series.values, i, longest)) out << '\n';
      out << FormatTime(series.values[i].time) << ' ' << Exact(series.values[i].mean()) << '\n';
    }
  }
}

void PrintHistoryCsv(const std::vector<PastSeries>& past, std::ostream& out) {
  out << "time,series,value,min,max,sum,count,last\r\n";
  for (const PastSeries& series : past) {
    const std::string name = Quoted(SafeText(ToString(series.series)));
    for (const PastValue& value : series.values) {
      out << FormatTime(value.time) << ',' << name << ',' << Exact(value.mean()) << ','
          << Exact(value.min) << ',' << Exact(value.max) << ',' << Exact(value.sum) << ','
          << value.count << ',' << Exact(value.last) << "\r\n";
    }
  }
}

}  // namespace edgefeed
