#include "collector/history/history.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

#include "collector/history/log_record.h"
#include "common/base/file.h"
#include "common/runtime/strand.h"
#include "tests/support/log_capture.h"
#include "tests/unit/collector/history/file_size_limit.h"
#include "tests/unit/collector/history/history_fixture.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using Counts = std::map<std::uint64_t, int>;

TEST_CASE_FIXTURE(HistoryFixture,
                  "a sample is said to be stored when it is in the log, in a second") {
  Open();
  scheduler.Advance(5s);
  REQUIRE(Append("a"));
  REQUIRE(Append("a"));
  REQUIRE(Append("b", 9));
  scheduler.Advance(99ms);
  CHECK(stored.empty());
  scheduler.Advance(1ms);
  CHECK(stored.at({"a", 1}) == 2);
  CHECK(stored.at({"b", 9}) == 1);
  CHECK(stats.history_samples == 3);

  REQUIRE(Append("a"));
  scheduler.Advance(999ms);
  CHECK(stored.at({"a", 1}) == 2);  // One sync a second.
  scheduler.Advance(1ms);
  CHECK(stored.at({"a", 1}) == 3);
  End();
  CHECK(CountSamples(config).at("a") == Counts{{1, 1}, {2, 1}, {3, 1}});
}

TEST_CASE_FIXTURE(HistoryFixture, "after a stop and a start, devices are known as they were") {
  Open();
  const WallTime start = scheduler.WallNow();
  const DeviceInfo info{.run_id = "run", .machine = "armv7l"};
  writer->Describe("a", info);
  REQUIRE(Append("a", 3));
  scheduler.Advance(2s);
  REQUIRE(Append("a", 4));
  writer->Describe("silent", info);
  for (const bool clean : {false, true}) {
    CAPTURE(clean);
    scheduler.Advance(2s);
    if (clean) Close();
    End();
    Open();
    CHECK(history->inventory().size() == 1);
    const KnownDevice device = Device("a");
    CHECK(device.request_count == 2);
    CHECK(device.first_seen == start);
    CHECK(device.last_seen == start + 2s);
    CHECK(device.stored == std::vector<StreamPosition>{{3, 1}, {4, 1}});
    REQUIRE(device.info != nullptr);
    CHECK(*device.info == info);
  }
}

TEST_CASE_FIXTURE(HistoryFixture, "a clean stop leaves no log, and the next run goes on") {
  for (int run = 0; run < 4; ++run) {
    Open();
    for (int i = 0; i < 5; ++i) REQUIRE(Append("a"));
    scheduler.Advance(200ms);
    Close();
    CHECK(fs::is_empty(config.directory / "log"));
  }
  Counts counts;
  for (std::uint64_t sequence = 1; sequence <= 20; ++sequence) counts[sequence] = 1;
  CHECK(CountSamples(config).at("a") == counts);
}

TEST_CASE_FIXTURE(HistoryFixture, "samples without a position are stored too") {
  Open();
  Sample sample = Next("old");
  sample.position = {};
  REQUIRE(writer->Append("old", sample, scheduler.WallNow()));
  Close();
  CHECK(CountSamples(config).at("old") == Counts{{1, 1}});
  Open();
  CHECK(Device("old").request_count == 1);
  CHECK(Device("old").stored.empty());
}

TEST_CASE_FIXTURE(HistoryFixture, "names keep their numbers, and what they stand for, for ever") {
  Open();
  REQUIRE(Append("a"));
  Close();
  const SeriesId other = *series.Intern({"load_1m", {}});
  Open();
  REQUIRE(Append("a"));
  Sample sample = Next("b");
  sample.readings.push_back({other, 5});
  REQUIRE(writer->Append("b", sample, scheduler.WallNow()));
  Close();
  CollectorStats other_stats;
  const auto state = Recover(config, scheduler.WallNow(), other_stats);
  REQUIRE(state);
  CHECK(state->inventory.devices().size() == 2);
  CHECK(state->inventory.series().size() == 2);
  CHECK(state->inventory.series().at(0) == Series{"disk", {{"device", "sda"}}});
  CHECK(state->inventory.series().at(1) == Series{"load_1m", {}});
}

TEST_CASE_FIXTURE(HistoryFixture, "writers of two shards may use the same series") {
  Open();
  SeriesTable other_series(10);
  REQUIRE(other_series.Intern({"load_1m", {}}));
  const SeriesId other_disk = *other_series.Intern({"disk", {{"device", "sda"}}});
  auto other = NewWriter(other_series);
  REQUIRE(Append("a"));
  Sample sample = Next("b");
  sample.readings[0].series = other_disk;
  REQUIRE(other->Append("b", sample, scheduler.WallNow()));
  scheduler.Advance(2s);
  CHECK(stored.size() == 2);
  other.reset();
  Close();
  const auto counts = CountSamples(config);
  CHECK(counts.at("a") == Counts{{1, 1}});
  CHECK(counts.at("b") == Counts{{1, 1}});
}

TEST_CASE_FIXTURE(HistoryFixture, "what is not synced is bounded, and beyond that refused") {
  config.max_unsynced = KiB(8);
  Open();
  int taken = 0;
  int with_room = 0;
  while (taken < 1000 && Append("a")) {
    ++taken;
    if (writer->HasRoom()) with_room = taken;
  }
  CHECK(with_room == doctest::Approx(taken * 0.5).epsilon(0.1));
  CHECK(taken > 100);
  CHECK(taken < 400);
  const Status refused = Append("a");
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == Error{Code::kUnavailable, "history: the disk does not keep up"});
  CHECK(stats.history_samples_refused == 2);
  CHECK_FALSE(writer->HasRoom());
  scheduler.Advance(1s);
  CHECK(writer->HasRoom());
  CHECK(Append("a"));
}

TEST_CASE_FIXTURE(HistoryFixture,
                  "a full disk refuses samples by its name, and none is lost by it") {
  Open();
  REQUIRE(Append("a"));
  scheduler.Advance(2s);
  LogCapture logged;
  {
    const FileSizeLimit full(10);
    REQUIRE(Append("a"));
    scheduler.Advance(3s);
    CHECK(stored.at({"a", 1}) == 1);
    const Status refused = Append("a");
    REQUIRE_FALSE(refused);
    CHECK(refused.error() ==
          Error{Code::kUnavailable,
                "history: " + (config.directory / "log" / "00000002.log").string() +
                    ": File too large"});
  }
  --sent[{"a", 1}];
  scheduler.Advance(2s);
  CHECK(stored.at({"a", 1}) == 2);  // It had been taken.
  REQUIRE(Append("a"));
  scheduler.Advance(1s);
  CHECK(stored.at({"a", 1}) == 3);
  const auto lines = logged.Take();
  REQUIRE(lines.size() == 2);  // Not one a second.
  CHECK(lines[1] == "info history: the disk takes samples again");
  Close();
  CHECK(CountSamples(config).at("a") == Counts{{1, 1}, {2, 1}, {3, 1}});
}

TEST_CASE_FIXTURE(HistoryFixture, "samples that cannot go to their partition wait, and stay safe") {
  config.chunk_every = 10s;
  Open();
  LogCapture logged;
  {
    const FileSizeLimit full(4096);  // Less than a page of SQLite's.
    REQUIRE(Append("a"));
    scheduler.Advance(15s);
    CHECK(stored.at({"a", 1}) == 1);
    const Status refused = Append("a");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::kUnavailable);
    CHECK(refused.error().message.find("/raw/2023-11-14T22.db: ") != std::string::npos);
    CHECK(stats.history_write_errors > 1);
    End();
  }
  --sent[{"a", 1}];
  CHECK(CountSamples(config).at("a") == Counts{{1, 1}});
  Open();
  scheduler.Advance(15s);
  CHECK(stats.history_open_bytes == 0);
  REQUIRE(Append("a"));
  Close();
  CHECK(CountSamples(config).at("a") == Counts{{1, 1}, {2, 1}});
}

// One shard: a device on an engine strand of its own.
class Shard {
 public:
  Shard(std::string device, const Clock& clock, History& history)
      : device_(std::move(device)), clock_(clock), engine_("engine", clock) {
    RunOn(engine_, [&] {
      writer_ = history.NewWriter(
          engine_, series_,
          [this](const std::string& of, const std::vector<StreamPosition>&) { Hear(of); });
    });
  }
  void Send(std::uint64_t sequence) {
    engine_.Post([this, sequence] {
      const Sample sample{
          .position = {.stream = 1, .sequence = sequence}, .time = clock_.Wall(), .readings = {}};
      CHECK(writer_->Append(device_, sample, clock_.Wall()));
    });
  }
  void EndWriter() {
    RunOn(engine_, [this] { writer_.reset(); });
  }

 private:
  void Hear(const std::string& of) const { CHECK(of == device_); }

  std::string device_;
  const Clock& clock_;
  SeriesTable series_{10};
  std::unique_ptr<SampleStore> writer_;
  Strand engine_;
};

TEST_CASE("engines and store run on strands of their own") {
  const TempDir home;
  const SystemClock clock;
  CollectorStats stats;
  const HistoryConfig config{.directory = home.path() / "history", .sync_every = 1ms};
  {
    Strand store("store", clock);
    auto history = std::move(*History::Open(config, store, stats));
    Shard a("a", clock, *history);
    Shard b("b", clock, *history);
    for (std::uint64_t sequence = 1; sequence <= 2000; ++sequence) {
      a.Send(sequence);
      b.Send(sequence);
    }
    a.EndWriter();
    b.EndWriter();
    RunOn(store, [&] {
      history->Close();
      history.reset();
    });
  }
  CHECK(stats.history_samples == 4000);
  CollectorStats after;
  const auto state = Recover(config, clock.Wall(), after);
  REQUIRE(state);
  CHECK(state->inventory.devices().size() == 2);
  for (const auto& [number, device] : state->inventory.devices()) {
    CHECK(device.request_count == 2000);
    CHECK(device.stored == std::vector<StreamPosition>{{1, 2000}});
  }
}

TEST_CASE_FIXTURE(HistoryFixture, "a second process is kept out") {
  Open();
  CollectorStats other_stats;
  const auto second = History::Open(config, scheduler, other_stats);
  REQUIRE_FALSE(second);
  CHECK(second.error().message ==
        "history: " + (config.directory / "lock").string() + ": another process has it open");
}

TEST_CASE_FIXTURE(HistoryFixture, "the log is dropped as chunks are written") {
  config.sync_every = 10s;
  Open();
  for (int i = 0; i < 150; ++i) {
    REQUIRE(Append("a"));
    scheduler.Advance(10s);
  }
  std::size_t segments = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(config.directory / "log")) {
    ++segments;
  }
  CHECK(segments <= 2);
  CHECK(fs::exists(config.directory / "log" / "00000003.log"));
  CHECK(stats.history_open_bytes > 0);
  CHECK(stats.history_log_bytes > 0);
  End();
  const Counts counts = CountSamples(config).at("a");
  CHECK(counts.size() >= 149);
  CHECK(std::ranges::all_of(counts, [](const auto& count) { return count.second == 1; }));
}

TEST_CASE_FIXTURE(HistoryFixture,
                  "a lost or damaged meta.db costs counts, but no sample and no name") {
  Open();
  REQUIRE(Append("a"));
  REQUIRE(Append("b"));
  Close();
  std::ofstream(config.directory / "meta.db") << std::string(10'000, 'x');
  LogCapture logged;
  Open();
  CHECK(stats.history_files_damaged == 1);
  CHECK(fs::exists(config.directory / "meta.db.damaged"));
  REQUIRE(Append("c"));
  REQUIRE(Append("a"));
  Close();
  const auto counts = CountSamples(config);
  CHECK(counts.at("a") == Counts{{1, 1}, {2, 1}});
  CHECK(counts.at("b") == Counts{{1, 1}});
  CHECK(counts.at("c") == Counts{{1, 1}});
}

TEST_CASE_FIXTURE(HistoryFixture, "a writer and a history may go in the middle of everything") {
  Open();
  REQUIRE(Append("a"));
  scheduler.Advance(100ms);
  REQUIRE(Append("a"));
  writer.reset();  // Its answer finds nobody.
  scheduler.Advance(50ms);
  auto late = NewWriter(series);
  REQUIRE(late->Append("b", Next("b"), scheduler.WallNow()));
  history.reset();
  late.reset();
  scheduler.Advance(5s);
  CHECK(stored.size() == 1);
  CHECK(stored.at({"a", 1}) == 1);
}

TEST_CASE_FIXTURE(HistoryFixture, "what damage to the log costs is counted") {
  Open();
  for (int i = 0; i < 5; ++i) {
    REQUIRE(Append("a"));
    scheduler.Advance(1s);
  }
  End();
  const auto segments = *ListLogSegments(config.directory / "log");
  REQUIRE(segments.size() == 1);
  std::string bytes = *ReadSmallFile(segments[0].path);
  std::size_t third = 0;
  for (int record = 0; record < 3; ++record) third = bytes.find(kRecordMagic, third + 1);
  bytes[third + 8] = '\x7F';
  std::ofstream(segments[0].path, std::ios::binary) << bytes;

  LogCapture logged;
  Open();
  CHECK(stats.history_files_damaged == 1);
  CHECK(stats.history_frames_unreadable == 3);
  CHECK(Device("a").request_count == 2);
}

TEST_CASE_FIXTURE(HistoryFixture, "samples of impossible times are stored and counted") {
  Open();
  Sample sample = Next("a");
  sample.time = WallTime(0ms);
  REQUIRE(writer->Append("a", sample, scheduler.WallNow()));
  REQUIRE(Append("a"));
  scheduler.Advance(2s);
  CHECK(stats.history_samples == 2);
  CHECK(stats.history_samples_misplaced == 1);
}

}  // namespace
}  // namespace edgefeed
