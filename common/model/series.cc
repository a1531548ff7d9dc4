#include "common/model/series.h"

#include <functional>

namespace edgefeed {
namespace {

void Mix(std::size_t& hash, const std::string& text) {
  hash ^= std::hash<std::string>()(text) + static_cast<std::size_t>(0x9e3779b97f4a7c15ULL) +
          (hash << 6) + (hash >> 2);
}

}  // namespace

std::string ToString(const Series& series) {
  std::string text = series.metric;
  for (std::size_t i = 0; i < series.labels.size(); ++i) {
    text += i == 0 ? "{" : ",";
    text += series.labels[i].name + "=\"" + series.labels[i].value + "\"";
  }
  if (!series.labels.empty()) text += "}";
  return text;
}

std::size_t SeriesTable::Hash::operator()(const Series* series) const {
  std::size_t hash = 0;
  Mix(hash, series->metric);
  for (const Label& label : series->labels) {
    Mix(hash, label.name);
    Mix(hash, label.value);
  }
  return hash;
}

std::optional<SeriesId> SeriesTable::Intern(const Series& series) {
  if (const auto known = Find(series)) return known;
  if (series_.size() >= capacity_) return std::nullopt;
  const auto id = static_cast<SeriesId>(series_.size());
  series_.push_back(series);
  ids_.emplace(&series_.back(), id);
  return id;
}

std::optional<SeriesId> SeriesTable::Find(const Series& series) const {
  const auto found = ids_.find(&series);
  return found == ids_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace edgefeed
