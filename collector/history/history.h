#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collector/history/chunk_codec.h"
#include "collector/history/chunk_writer.h"
#include "collector/history/hand_over.h"
#include "collector/history/history_config.h"
#include "collector/history/history_writer.h"
#include "collector/history/log_hold.h"
#include "collector/history/log_intake.h"
#include "collector/history/log_outbox.h"
#include "collector/history/query.h"
#include "collector/history/query_runner.h"
#include "collector/history/recovery.h"
#include "collector/history/retention.h"
#include "collector/history/rollup.h"
#include "collector/ports.h"
#include "collector/stats.h"
#include "common/base/result.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// Keeps every sample of every device in files of one directory. A sample is first written to a log,
// and so is safe; later, with others of its device, to the partition of its hour. A crash at any
// point loses nothing that was said to be stored, and stores nothing twice. FORMAT.md has the
// files.
//
// Open() and NewWriter() are for any thread; the rest, and its end, for the store strand or for
// when that does not run. It ends after its writers.
class History final : private StoreEvents {
 public:
  // Makes the directory, reads the log, sets aside what is damaged. `store` and `stats` must
  // outlive it. FAILED_PRECONDITION when another process has the directory open.
  static Result<std::unique_ptr<History>> Open(const HistoryConfig& config, Scheduler& store,
                                               CollectorStats& stats);
  ~History() override;
  History(const History&) = delete;
  History& operator=(const History&) = delete;

  // Devices of which samples are stored.
  [[nodiscard]] std::vector<KnownDevice> inventory() const;

  // Once for each engine strand. The writer lives on that strand, and `on_stored` is called there.
  // `engine` must outlive the history, `shard_series` the writer.
  std::unique_ptr<SampleStore> NewWriter(Scheduler& engine, const SeriesTable& shard_series,
                                         OnStored on_stored);

  // From any thread. `answer` is called on the store strand, once, unless the history ends first;
  // it must only hand over. NOT_FOUND for a device that was never seen, INVALID_ARGUMENT for a
  // range that ends before it begins, DEADLINE_EXCEEDED after the query's timeout.
  void Query(HistoryQuery query, HistoryAnswered answer);
  // The series that the device had in this time, in order. Likewise.
  void ListSeries(const std::string& device, WallTime from, WallTime to, SeriesListed answer);

  // For one who hands on everything that is stored after the place `after`, or from now on. Before
  // there are writers. `on_more` is called on `reader`, which must outlive the history, whenever
  // more is stored. What it was given is kept until it is Done() with it, or for as long as raw
  // samples are; nobody follows any more only once this and that history are gone.
  std::unique_ptr<StoredSamples> Follow(Scheduler& reader, std::optional<std::uint64_t> after,
                                        std::function<void()> on_more);

  // For HistoryBackup; from any thread, answered as a Query is. RESOURCE_EXHAUSTED when another
  // backup has the hold, saying whose and since when.
  using LogHeld = std::function<void(Result<std::shared_ptr<const LogHold>>)>;
  void HoldLog(std::string client, LogHeld answer);
  // Everything that is stored and may be in no database yet.
  using LogOpened = std::function<void(Result<std::deque<BackupFile>>)>;
  void OpenLog(LogOpened answer);
  [[nodiscard]] const std::filesystem::path& directory() const { return config_.directory; }

  // Writes everything to its place, and takes nothing from then on. Without it the next Open() has
  // more to do.
  void Close();

 private:
  History(HistoryConfig config, StoreState state, Scheduler& store, CollectorStats& stats);

  // What the disk said last time. Empty: all is well.
  struct Trouble {
    std::string log;
    std::string chunks;
    std::string meta;
    [[nodiscard]] const std::string& first() const {
      if (!log.empty()) return log;
      return chunks.empty() ? meta : chunks;
    }
  };

  void OnHandOver(HandOver entries) override;
  void ScheduleSync();
  void Sync();
  void Consume(Lsn lsn, const Entry& entry);
  void Tick();
  void ScheduleTick();
  void Checkpoint();
  void DropLog(Lsn unneeded);
  [[nodiscard]] bool MayDropLog();
  // Remembers what the disk says, and tells log and writers when it changes.
  void Report(std::string Trouble::* what, const Status& status);

  HistoryConfig config_;
  StoreState state_;
  Scheduler& store_;
  CollectorStats& stats_;
  ChunkCodec codec_;
  ChunkWriter chunk_writer_;
  std::shared_ptr<StoreLink> link_;
  LogIntake intake_;
  LogOutbox outbox_;
  QueryRunner queries_;
  Rollup rollup_;
  Retention retention_;
  std::vector<std::shared_ptr<const WriterAddress>> writers_;
  std::weak_ptr<LogHold> hold_;
  Trouble trouble_;
  Timer sync_;
  bool sync_is_set_ = false;
  SteadyTime last_sync_;
  Timer tick_;
  SteadyTime last_checkpoint_;
  SteadyTime last_roll_;
};

}  // namespace edgefeed
