#include "collector/history/backup.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>

#include "collector/history/verify.h"
#include "tests/support/log_capture.h"
#include "tests/unit/collector/history/query_fixture.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class BackupFixture : public QueryFixture {
 public:
  // Samples of two devices in partitions of several hours, in minutes, in memory and in the log.
  void Fill() {
    for (int i = 0; i < 3 * 60; i += 5) {
      REQUIRE(Append("a"));
      REQUIRE(Append("b"));
      scheduler.Advance(5min);
    }
    AppendStored();
  }
  void AppendStored() {
    REQUIRE(Append("a"));
    scheduler.Advance(2s);
  }
  [[nodiscard]] std::unique_ptr<HistoryBackup> NewBackup() {
    return std::make_unique<HistoryBackup>(
        HistoryBackup::Parts{.history = *history, .worker = scheduler, .scratch = scratch},
        "10.0.0.7:4711", [this] { return is_wanted; });
  }
  Result<BackupSize> Begin(HistoryBackup& backup) {
    std::optional<Result<BackupSize>> begun;
    backup.Begin([&begun](const Result<BackupSize>& size) { begun = size; });
    scheduler.RunUntilIdle();
    REQUIRE(begun);
    return *begun;
  }
  Result<std::optional<BackupFile>> Next(HistoryBackup& backup) {
    std::optional<Result<std::optional<BackupFile>>> next;
    backup.Next([&next](Result<std::optional<BackupFile>> file) { next = std::move(file); });
    scheduler.RunUntilIdle();
    REQUIRE(next);
    return std::move(*next);
  }
  // The name of the file that was written; empty at the end.
  std::string SaveNext(HistoryBackup& backup) {
    auto file = Next(backup);
    REQUIRE_MESSAGE(file, (file ? "" : file.error().message));
    if (!*file) return {};
    std::string bytes((*file)->size_bytes, '\0');
    REQUIRE(::pread((*file)->content.get(), bytes.data(), bytes.size(), 0) ==
            static_cast<ssize_t>(bytes.size()));
    fs::create_directories((target / (*file)->path).parent_path());
    std::ofstream(target / (*file)->path, std::ios::binary) << bytes;
    return (*file)->path;
  }
  // That which the target holds is all that was stored, once, and positions say so.
  void CheckTargetHoldsAllStored() {
    CHECK(VerifyHistory(target).damage.empty());
    HistoryConfig copy = config;
    copy.directory = target;
    const auto counts = CountSamples(copy);
    for (const auto& [key, sequence] : stored) {
      const auto& device = counts.at(key.first);
      CHECK(device.size() == sequence);
      for (const auto& [number, times] : device) CHECK(times == 1);
    }
    const auto state = Recover(copy, scheduler.WallNow(), stats);
    REQUIRE(state);
    for (const auto& [number, device] : state->inventory.devices()) {
      CHECK(device.stored.back().sequence == stored.at({device.name, 1}));
    }
  }

  bool is_wanted = true;
  fs::path target = home.path() / "target";
  fs::path scratch = home.path() / "scratch";
};

TEST_CASE_FIXTURE(BackupFixture, "a backup of a history that runs has all that was stored") {
  Fill();
  const auto backup = NewBackup();
  const auto size = Begin(*backup);
  REQUIRE(size);
  std::vector<std::string> names;
  for (std::string name = SaveNext(*backup); !name.empty(); name = SaveNext(*backup)) {
    names.push_back(name);
  }

  CHECK(names.size() == size->files);
  CHECK(size->bytes > 0);
  CHECK(std::ranges::count(names, "meta.db") == 1);
  CHECK(names.front().starts_with("raw/"));
  CHECK(names.back().starts_with("names/"));
  CheckTargetHoldsAllStored();
}

TEST_CASE_FIXTURE(BackupFixture,
                  "a backup is of one moment, however much is written between its files") {
  Fill();
  const auto backup = NewBackup();
  REQUIRE(Begin(*backup));
  const auto write = [this] {
    AppendStored();
    scheduler.Advance(config.chunk_every +
                      10 * config.checkpoint_every);  // Chunks, and log dropped.
    AppendStored();
  };
  bool is_log = false;
  for (std::string name = SaveNext(*backup); !name.empty(); name = SaveNext(*backup)) {
    is_log = is_log || name.starts_with("log/");
    if (!is_log) write();
  }
  CheckTargetHoldsAllStored();
}

TEST_CASE_FIXTURE(BackupFixture, "one backup at a time, and the other is told of it") {
  Fill();
  auto first = NewBackup();
  const WallTime since = scheduler.WallNow();
  REQUIRE(Begin(*first));
  scheduler.Advance(5min);
  const auto second = NewBackup();

  CHECK(Begin(*second).error() ==
        Error{Code::kResourceExhausted,
              "a backup to 10.0.0.7:4711 has been running since " + FormatTime(since), 1min});
  first.reset();
  CHECK(Begin(*NewBackup()));
}

TEST_CASE_FIXTURE(BackupFixture, "a backup that ends before it began leaves the place") {
  Fill();
  NewBackup()->Begin([](const Result<BackupSize>& /*size*/) { FAIL("nobody is there"); });
  scheduler.RunUntilIdle();
  CHECK(Begin(*NewBackup()));
}

TEST_CASE_FIXTURE(BackupFixture, "what a backup needs of the collector's disk is gone at its end") {
  Fill();
  fs::create_directories(scratch);
  std::ofstream(scratch / "left-by-a-crash") << "x";
  auto backup = NewBackup();
  REQUIRE(Begin(*backup));
  CHECK(fs::is_empty(scratch));
  SaveNext(*backup);
  CHECK(fs::is_empty(scratch));  // The copy has no name any more.

  is_wanted = false;
  CHECK(Next(*backup).error().code == Code::kCancelled);
  backup.reset();
  CHECK_FALSE(fs::exists(scratch));
}

TEST_CASE_FIXTURE(BackupFixture, "a database that is deleted meanwhile is left out") {
  Fill();
  const auto backup = NewBackup();
  REQUIRE(Begin(*backup));
  SaveNext(*backup);
  REQUIRE_FALSE(fs::is_empty(config.directory / "minute"));
  for (const auto& entry : fs::directory_iterator(config.directory / "minute")) {
    fs::remove(entry.path());
  }
  std::vector<std::string> names;
  for (std::string name = SaveNext(*backup); !name.empty(); name = SaveNext(*backup)) {
    names.push_back(name);
  }
  CHECK(std::ranges::none_of(names,
                             [](const std::string& name) { return name.starts_with("minute/"); }));
  CHECK(std::ranges::count(names, "meta.db") == 1);
}

TEST_CASE_FIXTURE(BackupFixture,
                  "a backup that keeps too long a log fails, and the log is let go") {
  Close();
  config.max_held_log = KiB(1);
  Open();
  Fill();
  LogCapture logged;
  const auto backup = NewBackup();
  REQUIRE(Begin(*backup));
  for (int i = 0; i < 60; ++i) AppendStored();
  scheduler.Advance(config.chunk_every + 20 * config.checkpoint_every);

  CHECK(Next(*backup).error().code == Code::kResourceExhausted);
  CHECK(std::ranges::any_of(logged.Take(), [](const std::string& line) {
    return line.ends_with("it is not kept for the backup to 10.0.0.7:4711 any longer");
  }));
  AppendStored();
  scheduler.Advance(config.chunk_every + 20 * config.checkpoint_every);
  CHECK(stats.history_log_bytes < KiB(1).count);
}

}  // namespace
}  // namespace edgefeed
