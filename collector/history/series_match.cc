#include "collector/history/series_match.h"

#include <algorithm>
#include <map>
#include <utility>

namespace edgefeed {
namespace {

constexpr const char* kCpuUsage = "cpu_usage";
constexpr const char* kMemoryMb = "memory_mb";

bool HasAll(const Series& series, const Labels& labels) {
  return std::ranges::all_of(labels, [&](const Label& label) {
    return std::ranges::find(series.labels, label) != series.labels.end();
  });
}

}  // namespace

SeriesMatch MatchSeries(const Inventory& inventory, const std::string& metric,
                        const Labels& labels) {
  SeriesMatch match;
  std::map<Series, SeriesId> ids;
  const auto output = [&](const Series& series) {
    const auto [id, is_new] = ids.emplace(series, static_cast<SeriesId>(match.names.size()));
    if (is_new) match.names.push_back(series);
    return id->second;
  };
  match.output_of.resize(inventory.next_series());
  if (labels.empty() && metric == kCpuUsage) match.cpu_usage = output({kCpuUsage, {}});
  if (labels.empty() && metric == kMemoryMb) match.memory_mb = output({kMemoryMb, {}});
  for (const SeriesNumber number : inventory.NumbersOf(metric)) {
    const Series& series = inventory.series().at(number);
    if (HasAll(series, labels)) match.output_of[number] = output(series);
  }
  match.outputs = match.names.size();
  return match;
}

SeriesMatch MatchNumbers(std::size_t count) {
  SeriesMatch match{.outputs = kFirstNumber + count};
  match.cpu_usage = kCpuOutput;
  match.memory_mb = kMemoryOutput;
  match.output_of.reserve(count);
  for (std::size_t number = 0; number < count; ++number) {
    match.output_of.emplace_back(static_cast<SeriesId>(kFirstNumber + number));
  }
  return match;
}

std::optional<Series> NameOf(std::size_t output, const Inventory& inventory) {
  if (output == kCpuOutput) return Series{kCpuUsage, {}};
  if (output == kMemoryOutput) return Series{kMemoryMb, {}};
  const auto found = inventory.series().find(static_cast<SeriesNumber>(output - kFirstNumber));
  if (found == inventory.series().end()) return std::nullopt;
  return found->second;
}

}  // namespace edgefeed
