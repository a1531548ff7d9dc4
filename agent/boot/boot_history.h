#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "agent/boot/boot_files.h"
#include "agent/boot/boot_record.h"
#include "agent/ports.h"
#include "common/base/clock.h"
#include "common/model/boot.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// Where a machine tells of its boots.
struct BootSources {
  std::string boot_id;  // Of now. Empty: not known, and so nothing else is.
  std::filesystem::path sys = "/sys";
  std::filesystem::path moved_crashes = "/var/lib/systemd/pstore";
};

// Why this boot was, how long the device was away before it, and how many boots of which kind there
// have been. Notes from time to time that this boot goes on, for the next one. On the core strand.
class BootHistory {
 public:
  struct Context {
    Scheduler& core;
    Scheduler& disk;  // Writes what has time.
    SampleClock& clock;
  };

  // Reads and judges here and now, and writes the verdict to the directory, once a boot: an agent
  // that starts again in the same boot finds it there. Never fails: without a disk the verdict is
  // as good as it can be. All references must outlive it.
  BootHistory(const Context& context, const std::filesystem::path& directory,
              const BootSources& sources);

  // Tells of the boot in the log, and begins to look after the time.
  void Start();
  // Notes that the boot goes on still: the last thing before the disk strand is drained.
  void Stop();

  [[nodiscard]] const BootInfo& boot() const { return boot_; }
  [[nodiscard]] const BootCounts& counts() const { return record_.counts; }
  // Called when boot() has changed: the time has become known.
  void OnChange(std::function<void()> listener) { on_change_ = std::move(listener); }

 private:
  void Judge(const BootSources& sources);
  void BeginRecord(const std::optional<BootRecord>& before);
  void Tick();
  void LearnTime();
  void NoteLife();
  void TellOfBoot() const;

  Context context_;
  BootFiles files_;
  BootRecord record_;
  bool is_new_ = false;  // The first start of an agent in this boot.
  bool is_started_ = false;
  BootInfo boot_;
  std::function<void()> on_change_ = [] {};
  std::optional<SteadyTime> noted_;  // When it was last noted that this boot goes on.
  bool is_told_ = false;             // That the disk refuses.
  Timer tick_;
};

}  // namespace edgefeed
