#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "collector/history/inventory.h"
#include "common/model/sample.h"
#include "common/model/series.h"

namespace edgefeed {

// Which series are asked for: each is an output.
struct SeriesMatch {
  std::size_t outputs = 0;
  std::vector<Series> names;                       // Of the outputs; none: MatchNumbers()' outputs.
  std::vector<std::optional<SeriesId>> output_of;  // By series number.
  std::optional<std::size_t> cpu_usage;            // The output, when it is asked for.
  std::optional<std::size_t> memory_mb;
};

// The series of this metric that have these labels, each once, whatever numbers it has.
SeriesMatch MatchSeries(const Inventory& inventory, const std::string& metric,
                        const Labels& labels);

// Every series number below `count`, at kFirstNumber; before them the samples' own two values.
SeriesMatch MatchNumbers(std::size_t count);
constexpr std::size_t kCpuOutput = 0;
constexpr std::size_t kMemoryOutput = 1;
constexpr std::size_t kFirstNumber = 2;
// What such an output is called. Nothing for a number whose name was lost with a part of the log.
std::optional<Series> NameOf(std::size_t output, const Inventory& inventory);

}  // namespace edgefeed
