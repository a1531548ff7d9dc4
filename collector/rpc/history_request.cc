#include "collector/rpc/history_request.h"

#include <algorithm>
#include <vector>

#include "common/base/round_step.h"
#include "common/base/units.h"
#include "common/model/device.h"
#include "fleet.pb.h"

namespace edgefeed {
namespace {

using std::chrono::milliseconds;

// The end of the year 9999, in Unix milliseconds: later times are mistakes.
constexpr std::uint64_t kEndOfTimeMs = 253'402'300'800'000;
// How many series or metrics an error message names, and how much of a name that a client made up.
constexpr std::size_t kMostNamed = 8;
constexpr std::size_t kLongestName = 128;

Error Invalid(const std::string& what) { return {Code::kInvalidArgument, what}; }

std::string Quoted(const std::string& name) { return "'" + name.substr(0, kLongestName) + "'"; }

template <typename Request>
Status CheckRange(const Request& request) {
  if (const Status name = CheckDeviceName(request.service_name()); !name) return name;
  if (std::max(request.from_ms(), request.to_ms()) > kEndOfTimeMs) {
    return Invalid("from_ms and to_ms: Unix time in milliseconds, up to " +
                   std::to_string(kEndOfTimeMs));
  }
  if (request.from_ms() > request.to_ms()) {
    return Invalid("from_ms " + std::to_string(request.from_ms()) + " is after to_ms " +
                   std::to_string(request.to_ms()));
  }
  return {};
}

// A step that makes at most `limit` points of this many series.
milliseconds FittingStep(const HistoryQuery& query, std::size_t series_count) {
  // The first bucket may begin before the range.
  const std::size_t each =
      std::max<std::size_t>(query.limit / std::max<std::size_t>(series_count, 1), 2) - 1;
  const auto range_ms = static_cast<std::size_t>((query.to - query.from).count());
  return RoundStepAtLeast(milliseconds((range_ms + each - 1) / each));
}

Status CheckStep(const HistoryQuery& query) {
  if (query.step.count() == 0) return {};
  const auto buckets = static_cast<std::uint64_t>((query.to - query.from) / query.step) + 1;
  if (buckets <= query.limit) return {};
  const milliseconds fits = FittingStep(query, 1);
  return Invalid("step_ms: steps of " + FormatDuration(query.step) + " are up to " +
                 std::to_string(buckets) + " points of a series in this range, more than " +
                 std::to_string(query.limit) + "; " + FormatDuration(fits) + " (step_ms " +
                 std::to_string(fits.count()) + ") would fit");
}

// "a, b and 3 more"
std::string SomeOf(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMostNamed); ++i) {
    text += (i == 0 ? "" : ", ") + names[i];
  }
  if (names.size() <= kMostNamed) return text;
  return text + " and " + std::to_string(names.size() - kMostNamed) + " more";
}

}  // namespace

Result<HistoryQuery> FromWire(const HistoryRequest& request, const HistoryLimits& limits) {
  if (const Status range = CheckRange(request); !range) return range.error();
  if (request.metric().empty()) return Invalid("metric is empty; cpu_usage is one");
  if (request.step_ms() > kEndOfTimeMs) return Invalid("step_ms is longer than any range");
  if (request.limit() > limits.points) {
    return Invalid("limit: at most " + std::to_string(limits.points) + " points");
  }
  HistoryQuery query{.device = request.service_name(),
                     .metric = request.metric(),
                     .labels = {},
                     .from = FromUnixMillis(request.from_ms()),
                     .to = FromUnixMillis(request.to_ms()),
                     .step = milliseconds(request.step_ms()),
                     .limit = request.limit() == 0 ? limits.points : request.limit()};
  for (const telemetry::Label& label : request.labels()) {
    query.labels.push_back({label.name(), label.value()});
  }
  if (const Status step = CheckStep(query); !step) return step.error();
  return query;
}

Result<HistoryQuery> FromWire(const ListSeriesRequest& request) {
  if (const Status range = CheckRange(request); !range) return range.error();
  return HistoryQuery{.device = request.service_name(),
                      .metric = {},
                      .labels = {},
                      .from = FromUnixMillis(request.from_ms()),
                      .to = FromUnixMillis(request.to_ms())};
}

Error TooManyPoints(const HistoryQuery& query, std::size_t series_count) {
  const milliseconds fits = FittingStep(query, series_count);
  return {Code::kResourceExhausted,
          "more than " + std::to_string(query.limit) + " points of " + Quoted(query.metric) +
              " of " + Quoted(query.device) + " in this range; a step of " + FormatDuration(fits) +
              " (step_ms " + std::to_string(fits.count()) + ") would fit"};
}

Error NoSuchSeries(const HistoryQuery& query, const std::vector<Series>& existing) {
  std::vector<std::string> same_metric;
  std::vector<std::string> metrics;
  for (const Series& series : existing) {
    if (series.metric == query.metric) same_metric.push_back(ToString(series));
    // In order, so that those of one metric are neighbours.
    if (metrics.empty() || metrics.back() != series.metric) metrics.push_back(series.metric);
  }
  const std::string what = Quoted(query.metric) + " of " + Quoted(query.device) + " in this range";
  if (same_metric.empty()) {
    return {Code::kNotFound, "no metric " + what + "; there are " + SomeOf(metrics)};
  }
  return {Code::kNotFound,
          "no series " + what + " has these labels; there are " + SomeOf(same_metric)};
}

}  // namespace edgefeed
