#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "collector/history/log_hold.h"
#include "common/base/result.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

class History;

struct BackupSize {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};

// Copies all that a history has stored, file by file, while that goes on; together the files are a
// directory that History::Open() takes. They are of one moment: when the log is read, which comes
// last. The log is kept from the beginning, so that what a database did not have yet when it was
// copied is in there. The store strand only opens the log's files.
//
// Lives on `worker`, and waits for the disk there. At most one copy exists at a time, and has no
// name any more when it is given out: a crash leaves at most one unfinished file in `scratch`,
// which the next backup, and Clear(), remove.
class HistoryBackup {
 public:
  // What it works with; all must outlive it.
  struct Parts {
    History& history;
    Scheduler& worker;
    std::filesystem::path scratch;  // A directory of its own.
  };
  // On the worker, once, perhaps before the call returns, unless the backup is destroyed first.
  using Begun = std::function<void(Result<BackupSize>)>;
  // Nothing: that was all.
  using NextFile = std::function<void(Result<std::optional<BackupFile>>)>;

  // `client`: for whom it is, for whoever asks meanwhile. `is_wanted` is asked often: a copy in the
  // making ends soon after it has said no, with CANCELLED.
  HistoryBackup(Parts parts, std::string client, std::function<bool()> is_wanted);
  ~HistoryBackup();
  HistoryBackup(const HistoryBackup&) = delete;
  HistoryBackup& operator=(const HistoryBackup&) = delete;

  // First. Answers how much there will be, as well as it can be known. RESOURCE_EXHAUSTED while
  // another backup runs (saying whose and since when), or without room for the largest copy.
  void Begin(Begun answer);
  // One at a time. A file that is deleted meanwhile is left out. RESOURCE_EXHAUSTED when it all
  // takes so long that the log cannot be kept; DATA_LOSS, naming the file, for a damaged one.
  void Next(const NextFile& answer);

  // Removes what a crash left.
  static void Clear(const std::filesystem::path& scratch);

 private:
  void Plan(const Begun& answer);
  Result<std::optional<BackupFile>> CopyDatabase(const std::string& path);
  Status VacuumInto(const std::filesystem::path& source, const std::filesystem::path& target);
  void TakeLog(const NextFile& answer);
  Status TakeNames();
  [[nodiscard]] Status CheckRoom(std::uint64_t bytes) const;
  [[nodiscard]] Status CheckLogIsHeld() const;

  Parts parts_;
  std::string client_;
  std::function<bool()> is_wanted_;
  std::filesystem::path directory_;  // The history's.
  std::shared_ptr<const LogHold> hold_;
  std::deque<std::string> databases_;  // To be copied, in order.
  bool log_is_taken_ = false;
  std::deque<BackupFile> logs_;  // Open, to be given out.
  // An answer of the history may come when this is gone.
  const std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace edgefeed
