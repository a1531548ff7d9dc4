#pragma once

#include "collector/history/history_config.h"
#include "collector/history/recovery.h"
#include "collector/history/rollup.h"
#include "collector/stats.h"
#include "common/base/clock.h"
#include "common/base/units.h"

namespace edgefeed {

// Deletes whole files: those older than their kind is kept, and while all files together are larger
// than allowed, the oldest of the most detailed kind. On the store strand.
class Retention {
 public:
  // All must outlive it.
  Retention(const HistoryConfig& config, StoreState& state, const Rollup& rollup,
            CollectorStats& stats)
      : config_(config), state_(state), rollup_(rollup), stats_(stats) {}

  // To be called every minute or so.
  void Apply(WallTime now);

 private:
  void DeleteExpired(WallTime now);
  // One file; false when there is none left that may go.
  bool DeleteOldest();
  bool DeleteDamaged();
  static bool DeleteOldestOf(Tier& tier);

  const HistoryConfig& config_;
  StoreState& state_;
  const Rollup& rollup_;
  CollectorStats& stats_;
};

// All files below the directory.
Bytes SizeOf(const std::filesystem::path& directory);

}  // namespace edgefeed
