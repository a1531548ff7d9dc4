#include "ctl/render/plot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "ctl/render/dot_canvas.h"
#include "ctl/render/human.h"
#include "ctl/render/timeline.h"

namespace edgefeed {
namespace {

using Columns = std::vector<std::optional<ColumnRange>>;

// What the value axis usually takes, as "100.0 % ┤".
constexpr std::size_t kUsualAxisWidth = 10;
constexpr std::size_t kLeastWidth = 10;  // Of the picture.

// What the value axis spans.
struct ValueScale {
  double low = 0;
  double high = 1;

  // The dot row, 0 at the top.
  [[nodiscard]] std::size_t RowOf(double value, std::size_t rows) const {
    const double share = std::clamp((high - value) / (high - low), 0.0, 1.0);
    return static_cast<std::size_t>(std::lround(share * static_cast<double>(rows - 1)));
  }
};

// With 0, unless that leaves more than half of the picture empty.
ValueScale ScaleOf(const Columns& columns) {
  std::optional<ValueScale> scale;
  for (const auto& column : columns) {
    if (!column) continue;
    if (!scale) scale = {column->min, column->max};
    scale->low = std::min(scale->low, column->min);
    scale->high = std::max(scale->high, column->max);
  }
  if (!scale) return {};
  if (scale->low > 0 && scale->low < scale->high / 2) scale->low = 0;
  if (scale->low == scale->high) {
    const double margin = scale->low == 0 ? 1 : std::abs(scale->low) / 10;
    scale->high += margin;
    if (scale->low != 0) scale->low -= margin;
  }
  return *scale;
}

// Dot rows, the top one first.
struct DotRange {
  std::size_t top = 0;
  std::size_t bottom = 0;
};

// Stretched to touch the range of the column before, so that a steep line has no holes.
DotRange Joined(const DotRange& range, const DotRange& before) {
  if (range.bottom < before.top) return {range.top, before.top - 1};
  if (range.top > before.bottom) return {before.bottom + 1, range.bottom};
  return range;
}

void Draw(const Columns& columns, const ValueScale& scale, std::size_t dot_rows,
          DotCanvas& canvas) {
  DotRange before;
  for (std::size_t x = 0; x < columns.size(); ++x) {
    if (!columns[x]) continue;
    const DotRange own{scale.RowOf(columns[x]->max, dot_rows),
                       scale.RowOf(columns[x]->min, dot_rows)};
    const bool joins = x > 0 && columns[x - 1].has_value();
    const DotRange joined = joins ? Joined(own, before) : own;
    for (std::size_t y = joined.top; y <= joined.bottom; ++y) canvas.Set(x, y);
    before = own;
  }
}

// The labels of the value axis, a row each; most are empty. A counter may grow by too little to
// show in "4.2 GiB": then all digits.
std::vector<std::string> ValueLabels(const std::string& metric, const ValueScale& scale,
                                     std::size_t rows) {
  const bool tells_apart = FormatReading(metric, scale.low) != FormatReading(metric, scale.high);
  const auto label = [&](double value) {
    return tells_apart ? FormatReading(metric, value) : FormatNumber(value);
  };
  std::vector<std::string> labels(rows);
  labels[rows - 1] = label(scale.low);
  labels[0] = label(scale.high);
  if (rows % 2 == 1) labels[rows / 2] = label((scale.low + scale.high) / 2);
  return labels;
}

// As much of the time as tells apart what is on the axis.
std::string TimeLabel(WallTime time, std::chrono::milliseconds range) {
  const std::string utc = FormatUtc(time);  // 2026-11-23 04:56:42 UTC
  if (range <= std::chrono::minutes(10)) return utc.substr(11, 8);
  if (range <= std::chrono::hours(48)) return utc.substr(11, 5);
  return utc.substr(5, 11);
}

std::string TimeAxis(const PlotFrame& frame, std::size_t width) {
  const auto range = frame.to - frame.from;
  const std::string first = TimeLabel(frame.from, range);
  const std::string middle = TimeLabel(frame.from + range / 2, range);
  const std::string last = TimeLabel(frame.to, range);
  if (width < first.size() + last.size() + 2) return first.substr(0, width);
  std::string axis(width, ' ');
  axis.replace(0, first.size(), first);
  axis.replace(width - last.size(), last.size(), last);
  if (width >= 3 * middle.size() + 8) {
    axis.replace((width - middle.size()) / 2, middle.size(), middle);
  }
  return axis;
}

std::string Repeat(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

}  // namespace

std::size_t PlotResolution(std::size_t columns, Glyphs glyphs) {
  const std::size_t width =
      columns > kUsualAxisWidth + kLeastWidth ? columns - kUsualAxisWidth : kLeastWidth;
  return width * DotCanvas::DotsAcross(glyphs);
}

std::vector<Line> Plot(const std::string& metric, std::span<const PastValue> values,
                       const PlotFrame& frame) {
  // The axis needs the values' scale and takes width from them: fold once to know the scale.
  const std::size_t across = DotCanvas::DotsAcross(frame.glyphs);
  const std::size_t roughly = std::max(frame.columns, kLeastWidth) * across;
  const ValueScale scale =
      ScaleOf(FoldIntoColumns(values, frame.from, frame.to, roughly, frame.longest_distance));
  const auto labels = ValueLabels(metric, scale, frame.rows);
  std::size_t axis_width = 0;
  for (const std::string& label : labels) axis_width = std::max(axis_width, TextWidth(label));
  const std::size_t width = std::max(frame.columns, axis_width + 2 + kLeastWidth) - axis_width - 2;

  DotCanvas canvas(width, frame.rows, frame.glyphs);
  Draw(FoldIntoColumns(values, frame.from, frame.to, width * across, frame.longest_distance), scale,
       frame.rows * DotCanvas::DotsDown(frame.glyphs), canvas);

  const bool fine = frame.glyphs == Glyphs::kUnicode;
  const std::string edge = fine ? " │" : " |";
  const std::string tick = fine ? " ┤" : " +";
  std::vector<Line> lines;
  for (std::size_t row = 0; row < frame.rows; ++row) {
    const std::string& mark = labels[row].empty() ? edge : tick;
    lines.push_back(
        {{PadLeft(labels[row], axis_width) + mark, Style::kDim}, {canvas.Row(row), Style::kGood}});
  }
  const std::string indent(axis_width + 1, ' ');
  lines.push_back(
      {{indent + (fine ? "└" + Repeat("─", width) : "+" + std::string(width, '-')), Style::kDim}});
  lines.push_back({{indent + " " + TimeAxis(frame, width), Style::kDim}});
  return lines;
}

}  // namespace edgefeed
