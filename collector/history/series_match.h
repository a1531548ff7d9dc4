#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "collector/history/inventory.h"
#include "common/model/sample.h"
#include "common/model/series.h"

namespace edgefeed {

// Which series are asked for: each is an output, whatever numbers it has.
struct SeriesMatch {
  std::vector<Series> outputs;
  std::vector<std::optional<SeriesId>> output_of;  // By series number.
  std::optional<std::size_t> cpu_usage;            // The output, when it is asked for.
  std::optional<std::size_t> memory_mb;
};

// The series of this metric that have these labels.
SeriesMatch MatchSeries(const Inventory& inventory, const std::string& metric,
                        const Labels& labels);
SeriesMatch MatchAllSeries(const Inventory& inventory);

}  // namespace edgefeed
