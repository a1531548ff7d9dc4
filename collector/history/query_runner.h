#pragma once

#include <memory>
#include <string>
#include <vector>

#include "collector/history/bucket_series.h"
#include "collector/history/chunk_codec.h"
#include "collector/history/hand_over.h"
#include "collector/history/query.h"
#include "collector/history/recovery.h"
#include "collector/history/rollup_codec.h"
#include "collector/history/series_match.h"
#include "collector/stats.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// Answers queries, each an hour at a time, so that what is being stored need not wait for long. On
// the store strand, which the answers come on too.
class QueryRunner {
 public:
  // All must outlive it; a query ends without an answer when `link` has no store any more.
  QueryRunner(StoreState& state, ChunkCodec& codec, Scheduler& store,
              std::shared_ptr<StoreLink> link, CollectorStats& stats)
      : state_(state), codec_(codec), store_(store), link_(std::move(link)), stats_(stats) {}

  void Start(const HistoryQuery& query, const HistoryAnswered& answer);
  void ListSeries(const std::string& device, WallTime from, WallTime to,
                  const SeriesListed& answer);

 private:
  struct Run {
    HistoryQuery query;
    HistoryAnswered answer;
    DeviceNumber device = 0;
    SeriesMatch match;
    std::vector<Hours> hours;  // Those left, the next one last.
    WallTime minutes_begin;    // Days before have no minutes any more.
    OutputBuckets outputs;
    SteadyTime deadline;
  };

  void Begin(Run run);
  [[nodiscard]] std::vector<Hours> HoursOf(const Run& run) const;
  void Step(const std::shared_ptr<Run>& run);
  // Each adds what it has of the hour, or of the day that it begins. False: it is not for it to
  // say.
  Status ReadSlot(Run& run, Hours hour);
  Result<bool> ReadDay(Run& run, Hours hour);
  Result<bool> ReadMinutes(Run& run, Hours hour);
  Status ReadSamples(Run& run, Hours hour);
  // Whether the tier's row has all that the hour's partition and the memory have.
  [[nodiscard]] Result<bool> IsWhole(const TierRow& row) const;
  Result<bool> AddRow(Run& run, const TierRow& row, Hours end);
  [[nodiscard]] HistoryAnswer Finish(Run& run, WallTime end) const;

  StoreState& state_;
  ChunkCodec& codec_;
  Scheduler& store_;
  std::shared_ptr<StoreLink> link_;
  CollectorStats& stats_;
  RollupCodec rollups_;
};

}  // namespace edgefeed
