#pragma once

#include <optional>
#include <set>
#include <vector>

#include "collector/history/chunk_codec.h"
#include "collector/history/recovery.h"
#include "collector/history/rollup_codec.h"
#include "collector/history/tier.h"
#include "collector/stats.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// Makes minutes of the samples of each hour that is over, and hours of each day that is over; again
// when late samples have come. A row remembers the newest log entry in it, so that nothing is made
// twice and nothing is missed, whenever this was interrupted. Works a few devices at a time, on the
// store strand.
class Rollup {
 public:
  // All must outlive it. `grace`: how long after an hour's end its samples are in its partition.
  Rollup(StoreState& state, ChunkCodec& codec, Scheduler& store, CollectorStats& stats,
         std::chrono::seconds grace)
      : state_(state), codec_(codec), store_(store), stats_(stats), grace_(grace) {}

  // The hour's partition has got samples, or may have.
  void Mark(Hours hour) { hours_.insert(hour); }
  // Something of the hour may not be in its minutes yet.
  [[nodiscard]] bool IsPending(Hours hour) const;
  // Starts what is due. To be called every second or so.
  void Tick();
  // Leaves what it is at for the next run.
  void Stop() { step_.Cancel(); }

 private:
  struct Job {
    Tier* tier = nullptr;
    Hours slot;
    std::vector<DeviceProgress> devices;  // Those left.
    std::vector<TierRow> rows;            // Made and not written yet.
  };

  std::optional<Hours> TakeHour();
  std::optional<Hours> TakeDay();
  Status Begin();
  // The devices whose row is older than `progress`, or missing.
  Status Plan(Tier& tier, Hours slot, const std::vector<DeviceProgress>& progress);
  [[nodiscard]] Result<std::vector<DeviceProgress>> ProgressOfDay(Hours day) const;
  void ScheduleStep();
  void Step();
  Status MakeRows();
  Result<OutputBuckets> SamplesOf(DeviceNumber device, Hours hour, const SeriesMatch& match);
  Result<OutputBuckets> MinutesOf(DeviceNumber device, Hours day, const SeriesMatch& match);
  void Fail(const Error& why);

  StoreState& state_;
  ChunkCodec& codec_;
  Scheduler& store_;
  CollectorStats& stats_;
  std::chrono::seconds grace_;
  RollupCodec rollups_;
  std::set<Hours> hours_;  // To be looked at once they are over.
  std::set<Hours> days_;
  std::optional<Job> job_;
  Timer step_;
  SteadyTime not_before_;  // After a failure.
};

}  // namespace edgefeed
