#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "collector/history/query.h"
#include "common/base/result.h"

namespace edgefeed {

class HistoryRequest;  // Messages of fleet.proto.
class ListSeriesRequest;

struct HistoryLimits {
  std::uint32_t points = 300'000;         // Of one call.
  std::size_t points_per_page = 20'000;   // Read, and in memory, at a time; and what an hour adds.
  std::size_t points_per_message = 1000;  // Series likewise.
  std::uint32_t calls = 16;               // At a time.
  // So long a call may take, with reading and with waiting for the client.
  std::chrono::milliseconds longest_call{60'000};
};

// What the request asks for. INVALID_ARGUMENT saying what is allowed.
Result<HistoryQuery> FromWire(const HistoryRequest& request, const HistoryLimits& limits);
// Likewise; only the device and the range are set.
Result<HistoryQuery> FromWire(const ListSeriesRequest& request);

// More than `query.limit` points of `series_count` series: RESOURCE_EXHAUSTED, with a step that
// would fit.
Error TooManyPoints(const HistoryQuery& query, std::size_t series_count);

// None of `existing`, which the device has, is what `query` asks for: NOT_FOUND, with some of them.
Error NoSuchSeries(const HistoryQuery& query, const std::vector<Series>& existing);

}  // namespace edgefeed
