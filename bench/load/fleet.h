#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "bench/load/device_feed.h"
#include "bench/load/feed_totals.h"
#include "bench/load/options.h"
#include "bench/load/payload_source.h"
#include "bench/support/completion_loop.h"
#include "common/base/result.h"

namespace edgefeed::bench {

// All devices of a run, on the calling thread.
class Fleet {
 public:
  // `options` must outlive the fleet.
  static Result<std::unique_ptr<Fleet>> Create(const LoadOptions& options);

  // False when after the time-out some feed was neither open nor refused.
  bool Connect();
  void StartSending();
  void Run(std::chrono::milliseconds duration) { loop_.Run(duration); }
  // The fleet cannot be used again.
  void Disconnect();

  [[nodiscard]] FeedTotals& totals() { return totals_; }

 private:
  explicit Fleet(const LoadOptions& options);

  const LoadOptions& options_;
  PayloadSource source_;
  FeedTotals totals_;
  CompletionLoop loop_;
  std::vector<std::unique_ptr<telemetry::TelemetryService::Stub>> stubs_;  // One per connection.
  std::vector<std::unique_ptr<DeviceFeed>> feeds_;
};

}  // namespace edgefeed::bench
