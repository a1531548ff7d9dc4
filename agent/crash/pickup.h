#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/crash/crash_config.h"
#include "agent/crash/drop_directory.h"
#include "agent/crash/dump_counts.h"
#include "agent/crash/dump_spool.h"
#include "agent/crash/ledger_file.h"
#include "agent/crash/log_tail.h"
#include "agent/crash/seal_job.h"
#include "agent/crash/settling.h"
#include "agent/crash/suppression.h"
#include "agent/ports.h"
#include "common/model/device.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// Watches the directories and takes every dump that is complete, one after the other: at the start,
// each minute, and when something happens in them. On the dumps strand; destroying it stops it.
class Pickup {
 public:
  enum class Event { kRenamedIn, kCreated, kClosedAfterWriting };
  struct Context {
    Scheduler& scheduler;
    LedgerFile& ledger;
    DumpSpool& spool;
    DeviceMemory& memory;
    LogTail& log;
    DeviceInfo device;
    // Asks for OnEvent() calls for a directory; asked again and again for the same.
    std::function<void(const std::filesystem::path&)> watch;
    std::function<void()> on_change;  // Called when counts() may have changed.
  };

  // What the context refers to must outlive it.
  Pickup(Context context, CrashConfig config);

  void Start();
  // What happened to a name in a directory. A hint only: whatever is missed is found by looking.
  void OnEvent(const std::filesystem::path& directory, Event event, const std::string& name);
  // Something happened, nobody knows what.
  void OnLostEvents();

  [[nodiscard]] PickupCounts counts() const;

 private:
  struct Place {
    std::filesystem::path path;
    DumpSource kind = DumpSource::kDirectory;
    Settling settling;
    std::set<std::string> skipped;  // Told of.
    bool is_missing = false;        // Told of.
    bool is_readable = false;       // Or not there, which is as good as empty.
  };

  void EveryMinute();
  void ScanSoon();
  void ScanAt(SteadyTime due);
  void Scan();
  void ScanPlace(Place& place, std::set<std::string>& seen);
  void ConsiderFile(Place& place, const DropDirectory& directory, const FoundFile& file);
  Settling::Judgement Judge(Place& place, const FoundFile& file, int fd);
  void NoteSkipped(Place& place, const SkippedEntry& entry);
  void ForgetDone(const std::set<std::string>& seen);
  void SealNext();
  void OnJobDone(SealResult result);
  Place* PlaceOf(const std::filesystem::path& directory);

  Context context_;
  CrashConfig config_;
  Suppression suppression_;
  std::vector<Place> places_;
  std::deque<DumpFile> ready_;
  std::unique_ptr<SealJob> job_;
  bool is_paused_ = false;  // The disk takes nothing: wait for the next minute.
  PickupCounts counts_;
  Timer minute_;
  Timer scan_;
  std::optional<SteadyTime> scan_at_;
};

}  // namespace edgefeed
