#include "ctl/rules/past_samples.h"

#include <map>
#include <utility>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

using ByTime = std::map<WallTime, std::vector<DeviceReading>>;

double ValueOf(const std::string& metric, const PastValue& value) {
  if (value.count == 1 || metric.ends_with("_total")) return value.last;
  return value.mean();
}

void Take(const PastSeries& past, ByTime& samples, std::size_t& coarse_values) {
  for (const PastValue& value : past.values) {
    if (value.count > 1) ++coarse_values;
    samples[value.time].push_back(
        {.series = past.series, .value = ValueOf(past.series.metric, value)});
  }
}

Status Read(CollectorClient& client, const PastQuery& query, ByTime& samples,
            std::size_t& coarse_values) {
  const auto past = client.GetHistory(query);
  if (past) {
    for (const PastSeries& series : *past) Take(series, samples, coarse_values);
    return {};
  }
  const Error& error = past.error();
  if (error.code == Code::kNotFound) return {};     // Nothing of it in this time.
  if (error.retry_after.count() > 0) return error;  // There is no place; less would not help.
  // Minutes are the least that is worth asking for.
  if (error.code != Code::kResourceExhausted || query.to - query.from < 2min) return error;
  PastQuery half = query;
  half.to = query.from + (query.to - query.from) / 2;
  if (Status first = Read(client, half, samples, coarse_values); !first) return first;
  half.from = std::exchange(half.to, query.to);
  return Read(client, half, samples, coarse_values);
}

}  // namespace

Result<PastSamples> ReadPastSamples(CollectorClient& client, const std::string& device,
                                    const std::vector<std::string>& metrics, WallTime from,
                                    WallTime to) {
  ByTime by_time;
  PastSamples past;
  for (const std::string& metric : metrics) {
    const PastQuery query{.device = device, .metric = metric, .labels = {}, .from = from, .to = to};
    if (Status read = Read(client, query, by_time, past.coarse_values); !read) {
      return read.error();
    }
  }
  for (auto& [time, values] : by_time) past.samples.push_back({time, std::move(values)});
  return past;
}

}  // namespace edgefeed
