#include <doctest/doctest.h>

#include <algorithm>
#include <future>
#include <optional>
#include <random>
#include <vector>

#include "agent/outbox/file_storage.h"
#include "agent/outbox/outbox.h"
#include "common/runtime/strand.h"
#include "tests/support/log_capture.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/agent/outbox/outbox_rig.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

using Sequences = std::vector<std::uint64_t>;

constexpr std::size_t kAll = 1000;

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

TEST_CASE("in an outage all but the last 70 s are on disk, in one write a minute") {
  OutboxRig rig;
  rig.Run(60);
  const auto files = [&rig] { return rig.storage.files.size(); };
  CHECK(files() == 1);
  const auto size = rig.storage.files.begin()->second.bytes.size();
  rig.Run(59);
  CHECK(rig.storage.files.begin()->second.bytes.size() == size);
  rig.Run(301);

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
  rig.Run(30, 5);
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

TEST_CASE("how old the oldest sample is, is known in memory, on disk and after a restart") {
  OutboxRig rig;
  CHECK_FALSE(rig.outbox().counts().oldest_in_memory);
  CHECK_FALSE(rig.outbox().counts().oldest_on_disk);
  const SteadyTime first = rig.core->Now();
  rig.outbox().Accept({.since_boot = 1000s});
  rig.Advance(5s);
  rig.outbox().Accept({.since_boot = 1005s});
  CHECK(rig.outbox().counts().oldest_in_memory == first);
  rig.Shutdown();
  // Near the beginning: what was written together has one time.
  const WallTime taken = WallTime() + 1005s;
  CHECK(rig.outbox().counts().oldest_on_disk == taken);
  CHECK_FALSE(rig.outbox().counts().oldest_in_memory);

  rig.Restart();
  CHECK(rig.outbox().counts().oldest_on_disk == taken);
  CHECK(rig.outbox().counts().queued_on_disk == 2);
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
  rig.Run(10);
  rig.Shutdown();
  const auto written = rig.outbox().counts().disk.bytes_written;
  rig.Run(200);
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

TEST_CASE("a file that is there twice is delivered once") {
  OutboxRig rig;
  rig.Run(130);
  const auto copy = rig.storage.files.begin()->second;
  rig.storage.files[SegmentName({1, 1})] = copy;
  rig.Restart();
  rig.Settle();
  CHECK(rig.storage.files.size() == 1);
  rig.outbox().BeginConnection();
  CHECK(rig.TakeAllBacklog().size() == rig.outbox().counts().disk.recovered);
}

TEST_CASE("a series for which the table has no room is left out, and counted") {
  OutboxRig rig;
  rig.Run(10, 5);
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
  StoppedClock sample_clock;
  SeriesTable series(10);
  std::mt19937_64 random(5);
  for (int run = 0; run < 2; ++run) {
    Strand core("core", clock);
    Strand disk("disk", clock);
    std::optional<Outbox> outbox;
    std::promise<void> written;
    RunOn(core, [&] {
      const DiskLane::Context context{core, disk, storage, series, sample_clock};
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
