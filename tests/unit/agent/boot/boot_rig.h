#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "agent/boot/boot_files.h"
#include "agent/boot/boot_history.h"
#include "agent/clock/device_clock.h"
#include "tests/support/log_capture.h"
#include "tests/support/manual_scheduler.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {

// A directory of files as the kernel has them.
class TestTree {
 public:
  [[nodiscard]] const std::filesystem::path& path() const { return directory_.path(); }
  void Write(const std::string& file, std::string_view text) const {
    std::filesystem::create_directories((path() / file).parent_path());
    std::ofstream(path() / file, std::ios::binary | std::ios::trunc) << text;
  }

 private:
  TempDir directory_;
};

// A device over its boots, from its state directory up. What goes on between them is the test's.
class BootRig {
 public:
  // What of a boot lives as long as the agent runs.
  struct Run {
    Run(BootRig& rig, std::string boot_id)
        : scheduler(rig.scheduler_),
          clock(scheduler, [&rig] { return rig.is_synchronized; }),
          history({.core = scheduler, .disk = scheduler, .clock = clock}, rig.directory(),
                  {.boot_id = std::move(boot_id),
                   .sys = rig.tree.path() / "sys",
                   .moved_crashes = rig.tree.path() / "moved"}) {
      history.Start();
      scheduler.RunUntilIdle();
    }
    ManualScheduler& scheduler;
    DeviceClock clock;
    BootHistory history;
  };

  [[nodiscard]] std::filesystem::path directory() const { return state_.path() / "state/boot"; }
  [[nodiscard]] BootFiles files() const { return BootFiles(directory()); }

  // An agent starts. The one before has ended in whatever way.
  BootHistory& StartAgent() {
    run_.reset();
    run_ = std::make_unique<Run>(*this, "boot-" + std::to_string(boots_));
    return run_->history;
  }
  void StopAgent() {
    run_->history.Stop();
    scheduler_.RunUntilIdle();
    run_.reset();
  }
  // The power is off so long; the next boot takes 5 s to the agent's start.
  BootHistory& Reboot(std::chrono::milliseconds off) {
    run_.reset();
    scheduler_.Advance(off);
    const auto wall = scheduler_.clock().Wall();
    scheduler_.clock() = ManualClock();
    scheduler_.clock().StepWall(wall - scheduler_.clock().Wall());
    scheduler_.Advance(std::chrono::seconds(4));  // A boot's clock begins at 1 s.
    ++boots_;
    return StartAgent();
  }
  void Pass(std::chrono::milliseconds time) { scheduler_.Advance(time); }
  void NoteShutdown() const {
    CHECK(files().ExpectShutdownNotes());
    CHECK(files().WriteShutdown(
        {.boot_id = "boot-" + std::to_string(boots_), .since_boot = scheduler_.SinceBoot()}));
  }
  DeviceClock& clock() { return run_->clock; }
  ManualScheduler& scheduler() { return scheduler_; }

  LogCapture log;
  TestTree tree;
  bool is_synchronized = true;

 private:
  TempDir state_;
  ManualScheduler scheduler_;
  int boots_ = 1;
  std::unique_ptr<Run> run_;
};

}  // namespace edgefeed
