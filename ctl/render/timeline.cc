#include "ctl/render/timeline.h"

#include <algorithm>
#include <cmath>

namespace edgefeed {
namespace {

using std::chrono::milliseconds;

// Half of all distances are not longer. Precondition: two values.
milliseconds UsualDistance(std::span<const PastValue> values) {
  std::vector<milliseconds> distances;
  distances.reserve(values.size() - 1);
  for (std::size_t i = 1; i < values.size(); ++i) {
    distances.push_back(values[i].time - values[i - 1].time);
  }
  const auto middle = distances.begin() + static_cast<std::ptrdiff_t>((distances.size() - 1) / 2);
  std::ranges::nth_element(distances, middle);
  return *middle;
}

// Where times fall in the columns.
class TimeScale {
 public:
  TimeScale(WallTime from, WallTime to, std::size_t columns)
      : from_(from),
        length_(std::max<milliseconds>(to - from, milliseconds(1))),
        columns_(columns) {}

  [[nodiscard]] std::size_t ColumnOf(WallTime time) const {
    const double share =
        static_cast<double>((time - from_).count()) / static_cast<double>(length_.count());
    const double column = std::floor(share * static_cast<double>(columns_));
    return static_cast<std::size_t>(std::clamp(column, 0.0, static_cast<double>(columns_ - 1)));
  }

 private:
  WallTime from_;
  milliseconds length_;
  std::size_t columns_;
};

void Merge(const PastValue& value, std::optional<ColumnRange>& column) {
  if (!column) column = {value.min, value.max};
  column->min = std::min(column->min, value.min);
  column->max = std::max(column->max, value.max);
}

}  // namespace

milliseconds LongestDistance(std::span<const PastValue> values, milliseconds step) {
  if (values.size() < 2) return step * 3 / 2;
  const milliseconds usual = UsualDistance(values);
  return step.count() > 0 ? std::max(step, usual) * 3 / 2 : usual * 3;
}

bool IsAfterGap(std::span<const PastValue> values, std::size_t i, milliseconds longest) {
  return i > 0 && values[i].time - values[i - 1].time > longest;
}

std::size_t CountGaps(std::span<const PastValue> values, milliseconds longest) {
  std::size_t gaps = 0;
  for (std::size_t i = 1; i < values.size(); ++i) gaps += IsAfterGap(values, i, longest) ? 1 : 0;
  return gaps;
}

std::vector<std::optional<ColumnRange>> FoldIntoColumns(std::span<const PastValue> values,
                                                        WallTime from, WallTime to,
                                                        std::size_t columns, milliseconds longest) {
  const TimeScale scale(from, to, columns);
  std::vector<std::optional<ColumnRange>> folded(columns);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const PastValue& value = values[i];
    if (!std::isfinite(value.min) || !std::isfinite(value.max)) continue;
    const std::size_t first = scale.ColumnOf(value.time);
    Merge(value, folded[first]);
    if (i + 1 == values.size() || IsAfterGap(values, i + 1, longest)) continue;
    const std::size_t next = scale.ColumnOf(values[i + 1].time);
    // The last value before the next one, not all that share its column.
    for (std::size_t held = first + 1; held < next; ++held) {
      folded[held] = ColumnRange{value.mean(), value.mean()};
    }
  }
  return folded;
}

}  // namespace edgefeed
