#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace edgefeed {

// At most so many values make a series.
constexpr std::size_t kMaxSeriesValues = 1'000'000;

// Values between blanks, one for each interval, as promtool writes them:
//   5        5            _        nothing
//   5x3      5 5 5 5      _x3      nothing, three times
//   0+10x3   0 10 20 30   9-2x2    9 7 5
// INVALID_ARGUMENT says which one is wrong.
Result<std::vector<std::optional<double>>> ParseValues(std::string_view text);

}  // namespace edgefeed
