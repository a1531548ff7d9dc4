#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "collector/access/caller.h"
#include "collector/stats.h"
#include "common/base/allowances.h"
#include "common/base/clock.h"
#include "common/base/result.h"

namespace edgefeed {

// How often devices call, so that none keeps the collector busy with calls that come to nothing. A
// person may call as often as he likes; who shows no certificate is bounded by connections. From
// any thread.
class CallRates {
 public:
  // So many seconds' worth may come at once.
  static constexpr double kBurstSeconds = 10;

  // Of a certificate that names several devices, so many for each. `stats` must outlive it.
  CallRates(std::uint32_t per_second, CollectorStats& stats)
      : per_second_(per_second), stats_(stats) {}

  // RESOURCE_EXHAUSTED, naming caller and key, when he calls too often: counted, and not in the
  // audit log, which that would flood.
  Status Count(const Caller& caller, SteadyTime now);

 private:
  const std::uint32_t per_second_;
  CollectorStats& stats_;
  std::mutex mutex_;
  Allowances devices_;
};

}  // namespace edgefeed
