#include <doctest/doctest.h>

#include <algorithm>
#include <future>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "agent/outbox/file_storage.h"
#include "agent/outbox/outbox.h"
#include "agent/outbox/segment_writer.h"
#include "common/runtime/strand.h"
#include "tests/support/log_capture.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/agent/outbox/outbox_rig.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

using Sequences = std::vector<std::uint64_t>;

constexpr std::size_t kAll = 1000;

// One sample a second.
void Run(OutboxRig& rig, int seconds, std::size_t readings = 3) {
  for (int i = 0; i < seconds; ++i) {
    rig.Add(1, readings);
    rig.Advance(1s);
    rig.CheckBalance();
  }
}

void FlipBit(MemoryStorage::Content& file, std::size_t at) {
  file.bytes[at] = static_cast<char>(file.bytes[at] ^ 1);
}

TEST_CASE("while the collector keeps up nothing is written") {
  OutboxRig rig;
  rig.outbox().BeginConnection();
  for (int i = 0; i < 600; ++i) {
    rig.Add(1, 3);
    const SampleBatch batch = rig.outbox().TakeLive(kAll);
    rig.Advance(1s);
    rig.outbox().Acknowledge(batch.samples.back().position);
  }
  CHECK(rig.outbox().counts().disk.bytes_written == 0);
  CHECK(rig.storage.files.empty());
}

// What can be taken now; nothing, when the disk does not give it.
SampleBatch TakeOnce(OutboxRig& rig) {
  SampleBatch taken;
  rig.outbox().TakeBacklog(kAll, [&taken](SampleBatch batch) { taken = std::move(batch); });
  rig.Settle();
  return taken;
}

TEST_CASE("a disk that cannot be read for a moment costs nothing") {
  OutboxRig rig;
  Run(rig, 130);
  rig.outbox().BeginConnection();
  rig.storage.failing_reads = 20;
  for (int i = 0; i < 20; ++i) CHECK(TakeOnce(rig).samples.empty());
  CHECK_FALSE(TakeOnce(rig).samples.empty());
  CHECK(rig.outbox().counts().dropped() == 0);
  rig.CheckBalance();
}

TEST_CASE("a file that can never be read is given up, and does not hold back the others") {
  OutboxRig rig;
  Run(rig, 130);
  rig.outbox().BeginConnection();
  rig.storage.failing_reads = 60;
  for (int i = 0; i < 59; ++i) CHECK(TakeOnce(rig).samples.empty());
  CHECK(rig.outbox().counts().dropped() == 0);
  CHECK_FALSE(TakeOnce(rig).samples.empty());  // What is still in memory.
  CHECK(rig.outbox().counts().disk.dropped_damaged > 0);
  rig.CheckBalance();
}

TEST_CASE("in an outage all but the last 70 s are on disk, in one write a minute") {
  OutboxRig rig;
  Run(rig, 60);
  const auto files = [&rig] { return rig.storage.files.size(); };
  CHECK(files() == 1);
  const auto size = rig.storage.files.begin()->second.bytes.size();
  Run(rig, 59);
  CHECK(rig.storage.files.begin()->second.bytes.size() == size);
  Run(rig, 301);

  rig.storage.CutPower();
  rig.Restart();
  const std::uint64_t recovered = rig.outbox().counts().disk.recovered;
  CHECK(recovered >= 420 - 70);
  CHECK(files() == 1);
  rig.outbox().BeginConnection();
  CHECK(rig.TakeAllBacklog() == UpTo(recovered));
  rig.CheckBalance();
}

TEST_CASE("a shutdown writes everything, and the next run delivers it with its readings") {
  OutboxRig rig;
  Run(rig, 30, 5);
  rig.Shutdown();
  rig.Restart();
  CHECK(rig.outbox().counts().disk.recovered == 30);
  CHECK(rig.outbox().counts().queued == 30);
  rig.Add(1, 5);  // Other numbers for the same series.

  rig.outbox().BeginConnection();
  const SampleBatch batch = rig.TakeBacklog(kAll);
  CHECK(batch.backlog);
  CHECK(Values(batch) == UpTo(30));
  CHECK(Numbers(batch) == UpTo(30));
  for (const Sample& sample : batch.samples) {
    REQUIRE(sample.readings.size() == 5);
    rig.CheckReadings(sample);
  }
  CHECK(Values(rig.outbox().TakeLive(kAll)) == Sequences{31});
}

TEST_CASE("an empty outbox shuts down at once, and one whose disk fails shuts down all the same") {
  OutboxRig rig;
  rig.Shutdown();
  CHECK(rig.storage.files.empty());
  rig.Add(3);
  rig.storage.FailCalls(0);
  rig.Shutdown();
  CHECK(rig.outbox().counts().queued == 3);
}

TEST_CASE("after a shutdown nothing is written any more") {
  OutboxRig rig;
  Run(rig, 10);
  rig.Shutdown();
  const auto written = rig.outbox().counts().disk.bytes_written;
  Run(rig, 200);
  CHECK(rig.outbox().counts().disk.bytes_written == written);
  CHECK(rig.outbox().counts().queued == 210);
}

TEST_CASE("a stream that is found on disk never goes on") {
  OutboxRig rig;
  std::vector<StreamId> streams;
  for (int run = 0; run < 5; ++run) {
    rig.Add(3);
    rig.Shutdown();
    rig.Restart();
    const auto held = rig.outbox().BeginConnection();
    REQUIRE(held.size() == static_cast<std::size_t>(run) + 1);
    CHECK(std::ranges::find(streams, held.back().stream) == streams.end());
    streams.push_back(held.back().stream);
  }
  CHECK(rig.TakeAllBacklog() == UpTo(15));
}

TEST_CASE("segments go when all of them is acknowledged") {
  OutboxRig rig;
  Run(rig, 200);
  const auto held = rig.outbox().BeginConnection();
  CHECK(rig.TakeAllBacklog(60).size() == 199);
  rig.outbox().Acknowledge({held[0].stream, 100});
  rig.Settle();
  CHECK(rig.storage.files.size() == 1);
  rig.outbox().Acknowledge({held[0].stream, 199});
  rig.Settle();
  CHECK(rig.storage.files.empty());
  CHECK(rig.outbox().counts().segments == 0);
  CHECK(rig.outbox().counts().acknowledged == 199);
  rig.CheckBalance();
}

TEST_CASE("what was taken from disk and not acknowledged comes again at the next connection") {
  OutboxRig rig;
  Run(rig, 130);
  const auto held = rig.outbox().BeginConnection();
  CHECK(Values(rig.TakeBacklog(50)) == UpTo(50));
  CHECK(rig.outbox().unacknowledged() == 50);
  rig.outbox().Acknowledge({held[0].stream, 20});
  CHECK(rig.outbox().unacknowledged() == 30);
  rig.outbox().BeginConnection();
  CHECK(rig.outbox().unacknowledged() == 0);
  CHECK(rig.TakeAllBacklog(50) == UpTo(129, 21));
}

TEST_CASE("the acknowledged beginning of a segment is passed over, however long") {
  OutboxRig rig;
  Run(rig, 130);
  const auto held = rig.outbox().BeginConnection();
  rig.TakeAllBacklog();
  rig.outbox().BeginConnection();
  rig.outbox().Acknowledge({held[0].stream, 100});
  CHECK(Values(rig.TakeBacklog(5)) == UpTo(105, 101));
}

TEST_CASE("a connection that begins while samples are read is not answered for the one before") {
  OutboxRig rig;
  Run(rig, 130);
  rig.outbox().BeginConnection();
  bool answered = false;
  rig.outbox().TakeBacklog(10, [&](const SampleBatch& /*batch*/) { answered = true; });
  rig.outbox().BeginConnection();
  CHECK(Values(rig.TakeBacklog(10)) == UpTo(10));
  CHECK_FALSE(answered);
}

TEST_CASE("samples that are acknowledged while they are read or written do not come back") {
  OutboxRig rig;
  Run(rig, 130);
  const auto held = rig.outbox().BeginConnection();
  rig.TakeBacklog(20);
  SampleBatch batch;
  rig.outbox().TakeBacklog(20, [&](SampleBatch taken) { batch = std::move(taken); });
  rig.outbox().Reject({held[0].stream, 25});
  rig.Settle();
  CHECK(batch.samples.size() == 19);

  rig.TakeAllBacklog();
  rig.outbox().TakeLive(kAll);
  rig.outbox().Shutdown([] {});
  rig.outbox().Acknowledge({held[0].stream, 129});
  rig.Settle();
  CHECK(rig.outbox().counts().queued == 1);  // The live one.
  rig.CheckBalance();
}

TEST_CASE("live samples that nobody takes become backlog, and news overtakes them") {
  OutboxRig rig;
  rig.outbox().BeginConnection();
  rig.Add(1);
  const SampleBatch first = rig.outbox().TakeLive(kAll);
  Run(rig, 130);
  const SampleBatch live = rig.outbox().TakeLive(kAll);
  CHECK(StreamOf(live) != StreamOf(first));
  CHECK(Values(live).back() == 131);
  CHECK(rig.outbox().HasBacklog());
  const std::uint64_t next = Values(live).front();
  CHECK(rig.TakeAllBacklog() == UpTo(next - 1, 2));
}

TEST_CASE("an outbox that is full loses its oldest segments and counts their samples") {
  OutboxRig rig({.disk = {.max_size = KiB(16)}});
  Run(rig, 3000, 100);
  const OutboxCounts counts = rig.outbox().counts();
  CHECK(counts.disk_size <= KiB(16));
  CHECK(counts.disk.dropped_outbox_full > 0);
  CHECK(counts.dropped() == counts.disk.dropped_outbox_full);
  rig.outbox().BeginConnection();
  CHECK(rig.TakeAllBacklog() == UpTo(2999, counts.dropped() + 1));
}

TEST_CASE("what is less important goes first, whatever its age") {
  OutboxRig rig({.disk = {.max_size = KiB(16)}});
  std::string bytes;
  SegmentWriter minor({.stream = 77, .stream_order = 1000, .priority = 0});
  for (std::uint64_t sequence = 1; sequence <= 20; ++sequence) {
    const std::vector<Sample> samples(1, {.position = {77, sequence}});
    bytes += minor.Encode(samples, {});
  }
  Run(rig, 200, 100);
  rig.Shutdown();
  rig.storage.files[SegmentName({77, 1})].bytes = bytes;
  rig.Restart();
  while (rig.outbox().counts().disk.dropped_outbox_full == 0) Run(rig, 60, 100);
  CHECK(rig.outbox().counts().disk.dropped_outbox_full == 20);
  CHECK_FALSE(rig.storage.files.contains(SegmentName({77, 1})));
}

TEST_CASE("the file system keeps its reserve of bytes and of inodes") {
  OutboxRig rig;
  Run(rig, 200);
  rig.storage.space.free = MiB(33);
  Run(rig, 120);
  CHECK(rig.outbox().counts().dropped() == 0);

  SUBCASE("bytes") { rig.storage.space.free = MiB(31); }
  SUBCASE("inodes, 1 %") {
    rig.storage.space.inodes = 100'000;
    rig.storage.space.free_inodes = 990;
  }
  SUBCASE("inodes, of few") {
    rig.storage.space.inodes = 1000;
    rig.storage.space.free_inodes = 90;
  }
  const auto written = rig.outbox().counts().disk.bytes_written;
  Run(rig, 120);
  CHECK(rig.outbox().counts().disk.bytes_written == written);
  // Throwing away what is there would not have helped.
  CHECK(rig.outbox().counts().dropped() == 0);
}

TEST_CASE("when others fill the file system, the oldest segments go if that makes room") {
  OutboxRig rig({.disk = {.max_size = KiB(16), .min_free = KiB(64)}});
  Run(rig, 2000, 100);
  CHECK(rig.outbox().counts().segments > 2);
  rig.storage.space.free = Bytes{KiB(64).count - 1};
  Run(rig, 60, 100);
  CHECK(rig.outbox().counts().disk.dropped_disk_full > 0);
  rig.CheckBalance();
}

TEST_CASE("while nothing can be written samples stay in memory; it is said once, and retried") {
  OutboxRig rig;
  rig.storage.FailCalls(0);
  Run(rig, 400);
  CHECK(rig.outbox().counts().queued == 400);
  CHECK(rig.log.Take() ==
        std::vector<std::string>{"warning outbox: nothing can be written, samples "
                                 "stay in memory: disk: no space left on device"});
  rig.storage.Heal();
  Run(rig, 61);
  CHECK(rig.log.Take() ==
        std::vector<std::string>{"info outbox: samples are written again, after 6m"});
  CHECK(rig.outbox().counts().dropped() == 0);
  rig.storage.CutPower();
  rig.Restart();
  CHECK(rig.outbox().counts().disk.recovered >= 461 - 70);
  CHECK(rig.outbox().counts().disk.damaged_records == 0);
}

TEST_CASE("memory that is nearly full goes to disk before its time") {
  OutboxRig rig({.memory = KiB(64)});
  for (int i = 0; i < 1000; ++i) {
    rig.Add(1, 64);
    rig.Settle();
  }
  CHECK(rig.outbox().counts().dropped() == 0);
  CHECK(rig.outbox().counts().disk_size > Bytes{0});
  rig.outbox().BeginConnection();
  CHECK(rig.TakeAllBacklog() == UpTo(999));
}

TEST_CASE("a segment that rots after the start costs what is damaged") {
  OutboxRig rig;
  Run(rig, 190);
  auto& file = rig.storage.files.begin()->second;
  FlipBit(file, file.bytes.size() - 1);
  rig.outbox().BeginConnection();
  const Sequences got = rig.TakeAllBacklog();
  const std::uint64_t damaged = rig.outbox().counts().disk.dropped_damaged;
  CHECK(damaged == 60);
  CHECK(got.size() == 189 - damaged);
  CHECK(std::ranges::is_sorted(got));
  rig.CheckBalance();
}

TEST_CASE("a segment that vanishes costs its samples, and the rest is delivered") {
  OutboxRig rig;
  Run(rig, 190);
  rig.storage.files.clear();
  rig.outbox().BeginConnection();
  const Sequences got = rig.TakeAllBacklog();
  CHECK(got.size() + rig.outbox().counts().disk.dropped_damaged == 189);
  rig.CheckBalance();
}

TEST_CASE("at the start damage is counted and passed over, what is foreign is left alone") {
  OutboxRig rig;
  Run(rig, 190);
  auto& file = rig.storage.files.begin()->second;
  FlipBit(file, file.bytes.size() - 1);
  const std::string empty = SegmentName({7, 7});
  const std::string garbage = SegmentName({8, 8});
  rig.storage.files[empty];
  rig.storage.files[garbage].bytes = std::string(100, 'x');
  rig.storage.files["README"].bytes = "not ours";

  rig.Restart();
  rig.Settle();
  const OutboxCounts counts = rig.outbox().counts();
  CHECK(counts.disk.damaged_records == 2);
  CHECK(counts.disk.damaged_bytes > 100);
  CHECK(counts.disk.dropped_damaged == 60);
  CHECK(counts.queued == 111);
  rig.CheckBalance();
  CHECK(rig.storage.files.contains("README"));
  CHECK_FALSE(rig.storage.files.contains(empty));
  CHECK_FALSE(rig.storage.files.contains(garbage));
  const auto lines = rig.log.Take();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].starts_with("warning outbox: 2 damaged records of "));
  CHECK(lines[1].starts_with("info outbox: 111 samples of an earlier run, "));
}

TEST_CASE("a killed run's last write is synced by the next one, if it got as far as the file") {
  OutboxRig rig;
  Run(rig, 59);
  rig.storage.FailCalls(1);  // Appended, neither synced nor taken back.
  Run(rig, 2);
  rig.storage.Heal();
  rig.Restart();
  CHECK(rig.outbox().counts().disk.recovered == 51);
  rig.storage.CutPower();
  rig.Restart();
  CHECK(rig.outbox().counts().disk.recovered == 51);
}

TEST_CASE("an outbox opens on a disk that is read-only, and delivers what is there") {
  OutboxRig rig;
  Run(rig, 130);
  rig.storage.files[SegmentName({7, 7})];  // Cannot be removed.
  rig.storage.FailCalls(0);
  rig.Restart();
  rig.outbox().BeginConnection();
  CHECK(rig.TakeAllBacklog().size() == rig.outbox().counts().disk.recovered);
  Run(rig, 100);
  CHECK(rig.outbox().counts().dropped() == 0);
}

TEST_CASE("a file that is there twice is delivered once") {
  OutboxRig rig;
  Run(rig, 130);
  const auto copy = rig.storage.files.begin()->second;
  rig.storage.files[SegmentName({1, 1})] = copy;
  rig.Restart();
  rig.Settle();
  CHECK(rig.storage.files.size() == 1);
  rig.outbox().BeginConnection();
  CHECK(rig.TakeAllBacklog().size() == rig.outbox().counts().disk.recovered);
}

TEST_CASE("more streams than may be held: the oldest go, counted") {
  OutboxRig rig;
  for (int run = 0; run < 70; ++run) {
    rig.Add(1);
    rig.Shutdown();
    rig.Restart();
    rig.Settle();
    rig.CheckBalance();
    CHECK(rig.outbox().BeginConnection().size() < kMaxStreams);
  }
  CHECK(rig.storage.files.size() == kMaxStreams - 1);
  CHECK(rig.TakeAllBacklog() == UpTo(70, 8));
}

TEST_CASE("a series for which the table has no room is left out, and counted") {
  OutboxRig rig;
  Run(rig, 10, 5);
  rig.Shutdown();
  rig.Restart();
  for (int i = 0; i < 998; ++i) rig.series->Intern({"other" + std::to_string(i), {}});
  rig.outbox().BeginConnection();
  const SampleBatch batch = rig.TakeBacklog(kAll);
  REQUIRE(batch.samples.size() == 10);
  CHECK(batch.samples[0].readings.size() == 2);
  CHECK(rig.outbox().counts().disk.dropped_readings == 30);
}

TEST_CASE("on real strands, with real files, everything comes through") {
  constexpr int kSamples = 500;
  const LogCapture log;
  const SystemClock clock;
  const TempDir dir;
  FileStorage storage(dir.path() / "outbox");
  SeriesTable series(10);
  std::mt19937_64 random(5);
  for (int run = 0; run < 2; ++run) {
    Strand core("core", clock);
    Strand disk("disk", clock);
    std::optional<Outbox> outbox;
    std::promise<void> written;
    RunOn(core, [&] {
      const DiskLane::Context context{core, disk, storage, series};
      outbox.emplace(context, OutboxLimits{.spill_after = 0ms, .sync_every = 1ms}, BootId{},
                     [&random] { return random(); });
      const SeriesId id = *series.Intern({"temp", {}});
      for (int i = 0; i < kSamples; ++i) outbox->Accept({.readings = {{id, 1.0 * i}}});
    });
    core.Post([&] { outbox->Shutdown([&written] { written.set_value(); }); });
    written.get_future().wait();
    RunOn(core, [&] {
      CHECK(outbox->counts().queued_on_disk == static_cast<std::size_t>((run + 1) * kSamples));
      outbox.reset();
    });
  }
}

}  // namespace
}  // namespace edgefeed
