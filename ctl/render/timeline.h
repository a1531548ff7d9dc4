#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "ctl/client.h"

namespace edgefeed {

// The longest time from one value to the next that is no gap: half as much again as the step, or as
// much as three usual distances of samples.
std::chrono::milliseconds LongestDistance(std::span<const PastValue> values,
                                          std::chrono::milliseconds step);

// How many distances are longer.
std::size_t CountGaps(std::span<const PastValue> values, std::chrono::milliseconds longest);

// Whether values[i] comes after a gap.
bool IsAfterGap(std::span<const PastValue> values, std::size_t i,
                std::chrono::milliseconds longest);

// What one column of a plot shows.
struct ColumnRange {
  double min = 0;
  double max = 0;
  friend bool operator==(const ColumnRange&, const ColumnRange&) = default;
};

// The time from `from` to `to` in equal columns. A column without a value of its own has the one
// before, unless it is in a gap: then it is empty. What is not a finite number counts as none.
std::vector<std::optional<ColumnRange>> FoldIntoColumns(std::span<const PastValue> values,
                                                        WallTime from, WallTime to,
                                                        std::size_t columns,
                                                        std::chrono::milliseconds longest);

}  // namespace edgefeed
