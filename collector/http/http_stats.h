#pragma once

#include <cstdint>

namespace edgefeed {

// The HTTP port's own counters and gauges, for /metrics. On the HTTP strand only.
struct HttpStats {
  std::uint64_t requests = 0;
  std::uint64_t connections_open = 0;
  std::uint64_t connections_refused = 0;  // Over max_connections.
  std::uint64_t accept_errors = 0;
  std::uint64_t streams_open = 0;
  std::uint64_t streams_refused = 0;         // Over max_streams.
  std::uint64_t stream_updates_skipped = 0;  // The write before was not finished.
};

}  // namespace edgefeed
