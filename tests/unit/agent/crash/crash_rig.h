#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/crash/dump_record.h"
#include "agent/crash/dump_spool.h"
#include "agent/crash/ledger_file.h"
#include "agent/crash/pickup.h"
#include "common/base/file.h"
#include "common/compress/zstd_stream.h"
#include "tests/support/fake_command_runner.h"
#include "tests/support/manual_scheduler.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unpacked.h"

namespace edgefeed {

// Says what the test wants it to.
struct FakeMemory final : DeviceMemory {
  void Recall(std::chrono::milliseconds since_boot,
              std::function<void(DeviceMoment)> answer) override {
    asked.push_back(since_boot);
    on_recall();
    answer(moment);
  }
  DeviceMoment moment;
  std::vector<std::chrono::milliseconds> asked;
  std::function<void()> on_recall = [] {};  // The file is open, and not read yet.
};

// A device's drop directory, systemd's, and the stages behind them, which can be started anew.
class CrashRig {
 public:
  explicit CrashRig(CrashConfig wanted = {}) : config(std::move(wanted)) {
    config.directories = {drops()};
    if (config.log_command == CrashConfig().log_command) config.log_command.clear();
    log.emplace(config.log_command, commands);
    if (config.systemd_directory == CrashConfig().systemd_directory) {
      config.systemd_directory = systemd();
      std::filesystem::create_directory(systemd());
    }
    if (config.min_free == CrashConfig().min_free) config.min_free = {1};
    std::filesystem::create_directory(drops());
    // Files of now are of this boot.
    scheduler.clock().Advance(std::chrono::hours(24));
    scheduler.clock().StepWall(SystemClock().Wall() - scheduler.WallNow());
    Start();
  }

  [[nodiscard]] std::filesystem::path drops() const { return dir.path() / "crashes"; }
  [[nodiscard]] std::filesystem::path systemd() const { return dir.path() / "coredump"; }
  [[nodiscard]] std::filesystem::path spool_directory() const { return dir.path() / "dumps"; }

  void Start() {
    pickup.reset();
    spool.reset();
    ledger.emplace(spool_directory() / "ledger", scheduler, boot_id);
    auto opened = DumpSpool::Open(spool_directory(), *ledger, config,
                                  [this] { return "id" + std::to_string(++ids); });
    REQUIRE(opened);
    spool = std::move(*opened);
    pickup = std::make_unique<Pickup>(
        Pickup::Context{.scheduler = scheduler,
                        .ledger = *ledger,
                        .spool = *spool,
                        .memory = memory,
                        .log = *log,
                        .device = {.boot_id = boot_id, .kernel_release = "6.1"},
                        .watch = [](const std::filesystem::path&) {},
                        .on_change = [] {}},
        config);
    pickup->Start();
    scheduler.RunUntilIdle();
  }

  // Puts a complete file into the drop directory.
  std::filesystem::path Drop(const std::string& name, std::string_view bytes) {
    const auto hidden = dir.Write("hidden", bytes);
    std::filesystem::rename(hidden, drops() / name);
    pickup->OnEvent(drops(), Pickup::Event::kRenamedIn, name);
    return drops() / name;
  }
  void Wait(std::chrono::milliseconds time) { scheduler.Advance(time); }

  // All that waits for the collector, in the order in which it would go; nothing changes by this.
  [[nodiscard]] std::vector<SealedDump> Sealed() const {
    std::vector<SealedDump> all;
    const auto end = std::filesystem::directory_iterator();
    for (std::filesystem::directory_iterator entry(spool_directory()); entry != end; ++entry) {
      if (entry->path().extension() != ".info") continue;
      const auto bytes = ReadSmallFile(entry->path());
      REQUIRE(bytes);
      auto record = DecodeDumpRecord(*bytes);
      REQUIRE(record);
      all.push_back({.id = record->head.id,
                     .filename = record->head.filename,
                     .size_bytes = record->head.size_bytes,
                     .sha256 = record->head.sha256,
                     .info = std::move(record->info)});
    }
    std::ranges::sort(all, {}, &SealedDump::filename);
    return all;
  }
  // The next dump goes, and this is what comes of it.
  // NOLINTNEXTLINE(readability-make-member-function-const): the rig is another one afterwards.
  SealedDump Deliver(DumpOutcome outcome = DumpOutcome::kDelivered) {
    auto next = spool->Next(DumpsAllowed::kAll);
    REQUIRE(next);
    REQUIRE(spool->BeginAttempt(next->id));
    spool->EndAttempt(next->id, outcome, "why");
    return *next;
  }
  // The bytes of a dump as they would be sent.
  std::string Bytes(const SealedDump& dump) const {
    return ReadSmallFile(spool_directory() / (dump.id + ".dump")).has_value()
               ? *ReadSmallFile(spool_directory() / (dump.id + ".dump"))
               : "";
  }

  const TempDir dir;
  CrashConfig config;
  FakeCommandRunner commands;
  std::optional<LogTail> log;
  std::string boot_id = "boot-1";
  ManualScheduler scheduler;
  FakeMemory memory;
  int ids = 0;
  std::optional<LedgerFile> ledger;
  std::unique_ptr<DumpSpool> spool;
  std::unique_ptr<Pickup> pickup;
};

// What zstd makes of bytes, and back.
inline std::string Packed(std::string_view bytes) {
  ZstdCompressor zstd;
  std::string packed;
  zstd.Update(bytes, packed);
  zstd.Finish(packed);
  return packed;
}
}  // namespace edgefeed
