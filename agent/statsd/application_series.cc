#include "agent/statsd/application_series.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace edgefeed {
namespace {

constexpr double kMillisecondsPerSecond = 1000;

std::string WithSuffix(const std::string& name, std::string_view suffix) {
  return name.ends_with(suffix) ? name : name + std::string(suffix);
}

std::vector<std::string> Distribution(const std::string& name) {
  return {name + "_count", name + "_sum", name + "_mean", name + "_max"};
}

}  // namespace

std::vector<std::string> MetricNamesOf(const std::string& name, StatsdType type) {
  switch (type) {
    case StatsdType::kCounter: return {WithSuffix(name, "_total")};
    case StatsdType::kGauge: return {name};
    case StatsdType::kTimer: return Distribution(WithSuffix(name, "_seconds"));
    case StatsdType::kHistogram: return Distribution(name);
  }
  return {};
}

bool ApplicationSeries::Take(const StatsdLine& line, SteadyTime now) {
  bool taken = true;
  if (type_ == StatsdType::kTimer) {
    taken = TakeTimed(line.value / kMillisecondsPerSecond, 1 / line.rate);
  } else if (type_ == StatsdType::kHistogram) {
    taken = TakeTimed(line.value, 1 / line.rate);
  } else {
    double value = line.value;
    if (type_ == StatsdType::kCounter) value = value_ + value / line.rate;
    if (line.relative) value += value_;
    taken = std::isfinite(value);
    if (taken) value_ = value;
  }
  if (taken) last_ = now;
  return taken;
}

bool ApplicationSeries::TakeTimed(double value, double weight) {
  const double count = count_ + weight;
  const double sum = value_ + value * weight;
  Interval interval{.count = interval_.count + weight,
                    .sum = interval_.sum + value * weight,
                    .max = interval_.count == 0 ? value : std::max(interval_.max, value)};
  if (!std::isfinite(count) || !std::isfinite(sum) || !std::isfinite(interval.sum)) return false;
  count_ = count;
  value_ = sum;
  interval_ = interval;
  return true;
}

void ApplicationSeries::AddTo(std::vector<Reading>& readings) {
  if (ids_.size() == 1) {
    readings.push_back({ids_.front(), value_});
    return;
  }
  const Interval interval = std::exchange(interval_, {});
  readings.push_back({ids_[0], count_});
  readings.push_back({ids_[1], value_});
  if (interval.count == 0) return;
  readings.push_back({ids_[2], interval.sum / interval.count});
  readings.push_back({ids_[3], interval.max});
}

}  // namespace edgefeed
