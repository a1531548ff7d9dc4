#include "ctl/render/history_report.h"

#include <algorithm>
#include <limits>

#include "common/base/safe_text.h"
#include "ctl/render/human.h"
#include "ctl/render/plot.h"
#include "ctl/render/table.h"
#include "ctl/render/timeline.h"

namespace edgefeed {
namespace {

constexpr std::size_t kMostPlots = 4;
// Title, axis, times, numbers, empty line.
constexpr std::size_t kLinesAround = 5;
constexpr std::size_t kFewestRows = 5;
constexpr std::size_t kMostRows = 13;

// Odd, so that there is a middle to label.
std::size_t PlotRows(std::size_t screen_rows, std::size_t plots) {
  const std::size_t each = screen_rows / plots;
  const std::size_t rows = each > kLinesAround ? each - kLinesAround : 0;
  return (std::clamp(rows, kFewestRows, kMostRows) - 1) | 1U;
}

struct Numbers {
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();
  double mean = 0;
  double last = 0;
  std::uint64_t samples = 0;
};

Numbers NumbersOf(const PastSeries& series) {
  Numbers numbers;
  double sum = 0;
  for (const PastValue& value : series.values) {
    numbers.min = std::min(numbers.min, value.min);
    numbers.max = std::max(numbers.max, value.max);
    sum += value.sum;
    numbers.samples += value.count;
    numbers.last = value.last;
  }
  numbers.mean = sum / static_cast<double>(numbers.samples);
  return numbers;
}

Line NumbersLine(const PastSeries& series, std::size_t gaps) {
  const std::string& metric = series.series.metric;
  const Numbers numbers = NumbersOf(series);
  Line line;
  const auto add = [&](const char* title, double value) {
    line.push_back({title, Style::kDim});
    line.push_back({FormatReading(metric, value)});
  };
  add("min ", numbers.min);
  add("  max ", numbers.max);
  add("  mean ", numbers.mean);
  add("  last ", numbers.last);
  line.push_back({"  " + Counted(numbers.samples, "sample"), Style::kDim});
  if (gaps > 0) line.push_back({", " + Counted(gaps, "gap"), Style::kWarning});
  return line;
}

Line Title(const PastQuery& query, const PastSeries& series) {
  const std::string from = FormatUtc(query.from);
  const std::string to = FormatUtc(query.to);
  // "2026-11-23 04:56:42 UTC": the day once when it is the same.
  const std::string rest = from.substr(0, 10) == to.substr(0, 10) ? to.substr(11) : to;
  return {{SafeText(query.device) + "  " + SafeText(ToString(series.series)), Style::kBold},
          {"  " + from.substr(0, 19) + " to " + rest, Style::kDim}};
}

void AddPlot(const PastQuery& query, const PastSeries& series, PlotFrame frame,
             std::vector<Line>& lines) {
  frame.longest_distance = LongestDistance(series.values, query.step);
  lines.push_back(Title(query, series));
  for (Line& line : Plot(series.series.metric, series.values, frame)) {
    lines.push_back(std::move(line));
  }
  lines.push_back(NumbersLine(series, CountGaps(series.values, frame.longest_distance)));
}

std::vector<Line> TableOf(std::span<const PastSeries> past) {
  Table table({{"SERIES"},
               {"MIN", Align::kRight},
               {"MAX", Align::kRight},
               {"MEAN", Align::kRight},
               {"LAST", Align::kRight}});
  for (const PastSeries& series : past) {
    const Numbers numbers = NumbersOf(series);
    Line row = {{SafeText(ToString(series.series))}};
    for (const double value : {numbers.min, numbers.max, numbers.mean, numbers.last}) {
      row.push_back({FormatReading(series.series.metric, value)});
    }
    table.Add(std::move(row));
  }
  return table.Lines();
}

}  // namespace

std::vector<Line> HistoryReport(const PastQuery& query, const std::vector<PastSeries>& past,
                                ScreenSize size, Glyphs glyphs) {
  if (past.empty()) return {};
  const std::size_t plots = std::min(past.size(), kMostPlots);
  const PlotFrame frame{.columns = size.columns,
                        .rows = PlotRows(size.rows, plots),
                        .glyphs = glyphs,
                        .from = query.from,
                        .to = query.to};
  std::vector<Line> lines;
  for (std::size_t i = 0; i < plots; ++i) {
    if (i > 0) lines.emplace_back();
    AddPlot(query, past[i], frame, lines);
  }
  if (plots == past.size()) return lines;
  lines.emplace_back();
  for (Line& line : TableOf(std::span(past).subspan(plots))) lines.push_back(std::move(line));
  return lines;
}

}  // namespace edgefeed
