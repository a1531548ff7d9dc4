#include "collector/history/series_match.h"

#include <algorithm>
#include <map>
#include <utility>

namespace edgefeed {
namespace {

constexpr const char* kCpuUsage = "cpu_usage";
constexpr const char* kMemoryMb = "memory_mb";

template <typename Wanted>
SeriesMatch Match(const Inventory& inventory, Wanted wanted) {
  SeriesMatch match;
  std::map<Series, SeriesId> ids;
  const auto output = [&](const Series& series) {
    const auto [id, is_new] = ids.emplace(series, static_cast<SeriesId>(match.outputs.size()));
    if (is_new) match.outputs.push_back(series);
    return id->second;
  };
  match.output_of.resize(inventory.next_series());
  if (wanted(Series{kCpuUsage, {}})) match.cpu_usage = output({kCpuUsage, {}});
  if (wanted(Series{kMemoryMb, {}})) match.memory_mb = output({kMemoryMb, {}});
  for (const auto& [number, series] : inventory.series()) {
    if (wanted(series)) match.output_of[number] = output(series);
  }
  return match;
}

}  // namespace

SeriesMatch MatchSeries(const Inventory& inventory, const std::string& metric,
                        const Labels& labels) {
  return Match(inventory, [&](const Series& series) {
    return series.metric == metric && std::ranges::all_of(labels, [&](const Label& label) {
             return std::ranges::find(series.labels, label) != series.labels.end();
           });
  });
}

SeriesMatch MatchAllSeries(const Inventory& inventory) {
  return Match(inventory, [](const Series&) { return true; });
}

}  // namespace edgefeed
