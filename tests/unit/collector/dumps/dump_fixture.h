#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "collector/dumps/dump_store.h"
#include "collector/sqlite/sqlite.h"
#include "common/wire/dump_info.h"
#include "tests/support/manual_scheduler.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {

// Remembers what it was asked, and says what the test wants.
class FakeDumpReader final : public DumpReader {
 public:
  void Inspect(const std::filesystem::path& dump,
               std::function<void(Result<DumpInfo>)> done) override {
    asked.push_back(dump);
    waiting = std::move(done);
  }
  void Answer(Result<DumpInfo> found) {
    REQUIRE(waiting);
    std::exchange(waiting, nullptr)(std::move(found));
  }

  std::vector<std::filesystem::path> asked;
  std::function<void(Result<DumpInfo>)> waiting;
};

// A crash of a program, by SIGSEGV.
inline DumpInfo CrashOf(const std::string& executable) {
  DumpInfo info;
  info.executable = executable;
  info.signal = 11;
  info.content = DumpContent::kFull;
  return info;
}

// Dumps with real files, and time that stands still.
struct DumpFixture {
  DumpFixture() { Open(); }
  ~DumpFixture() { Close(); }
  DumpFixture(const DumpFixture&) = delete;
  DumpFixture& operator=(const DumpFixture&) = delete;

  void Open() {
    auto opened = Database::Open(dir.path() / "dumps.db", Database::Mode::kReadWrite);
    REQUIRE(opened);
    database = std::move(*opened);
    auto opened_store = DumpStore::Open(
        dir.path(),
        {.strand = scheduler, .database = *database, .reader = reader.get(), .stats = stats},
        limits);
    REQUIRE(opened_store);
    store = std::move(*opened_store);
    store->RemoveStrays();
    scheduler.RunUntilIdle();
  }
  void Close() {
    store.reset();
    database.reset();
  }
  void Reopen() {
    Close();
    Open();
  }

  // As the end of an upload. A second later than the last.
  void Arrive(const std::string& device, const std::string& upload_id, const std::string& bytes,
              const DumpInfo& info) {
    scheduler.Advance(std::chrono::seconds(1));
    const Sha256Digest digest = Sha256Of(bytes);
    if (!bytes.empty()) REQUIRE(store->Adopt(dir.Write("arriving", bytes), digest));
    const std::string description = EncodeDumpInfo(info);
    auto transaction = Transaction::Begin(*database);
    REQUIRE(transaction);
    REQUIRE(store->Record({.device = device,
                           .upload_id = upload_id,
                           .filename = "core.zst",
                           .size_bytes = bytes.size(),
                           .sha256 = digest,
                           .description = description}));
    REQUIRE(transaction->Commit());
    store->Recorded();
    scheduler.RunUntilIdle();
  }

  [[nodiscard]] std::vector<DumpGroupRecord> Groups(const std::string& device = {}) const {
    const auto groups = store->ListGroups(device, {}, 1000);
    REQUIRE(groups);
    return *groups;
  }
  // Newest first.
  [[nodiscard]] std::vector<DescribedDump> Dumps(const DumpFilter& filter = {}) const {
    const auto dumps = store->List(filter, {}, 1000);
    REQUIRE(dumps);
    return *dumps;
  }
  // Of all dumps, oldest first: 'k' for one whose bytes are kept, '.' for one without.
  [[nodiscard]] std::string Kept(const DumpFilter& filter = {}) const {
    std::string kept;
    for (const DescribedDump& one : Dumps(filter)) {
      kept.insert(kept.begin(), one.dump.kept ? 'k' : '.');
    }
    return kept;
  }
  [[nodiscard]] std::size_t Files() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(dir.path() / "store")) {
      if (entry.is_regular_file()) ++count;
    }
    return count;
  }

  TempDir dir;
  ManualScheduler scheduler;
  CollectorStats stats;
  DumpLimits limits;
  std::unique_ptr<FakeDumpReader> reader;
  std::optional<Database> database;
  std::unique_ptr<DumpStore> store;
};

}  // namespace edgefeed
