#pragma once

#include <memory>

#include "collector/history/frame_log.h"
#include "collector/history/history_config.h"
#include "collector/history/inventory.h"
#include "collector/history/meta.h"
#include "collector/history/open_chunks.h"
#include "collector/history/raw_partitions.h"
#include "collector/history/tier.h"
#include "collector/stats.h"
#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace edgefeed {

// The history's files, open, and what of them is held in memory.
struct StoreState {
  UniqueFd lock;  // Held while they are open.
  std::unique_ptr<Meta> meta;
  std::unique_ptr<RawPartitions> partitions;
  std::unique_ptr<Tier> minutes;
  std::unique_ptr<Tier> hours;
  std::unique_ptr<FrameLog> names;
  std::unique_ptr<FrameLog> log;
  Inventory inventory;
  OpenChunks open;
  Lsn next_lsn = 0;
};

// Opens the directory of `config`, or makes it, and brings it to where the last run stopped,
// however that ended. What is damaged is set aside, logged and counted. FAILED_PRECONDITION when
// another process has it open. `stats` must outlive the result.
Result<StoreState> Recover(const HistoryConfig& config, WallTime now, CollectorStats& stats);

}  // namespace edgefeed
