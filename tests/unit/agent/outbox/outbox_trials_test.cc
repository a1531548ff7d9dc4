#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <string>
#include <utility>

#include "agent/outbox/file_storage.h"
#include "agent/outbox/segment_reader.h"
#include "tests/support/soak.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/agent/outbox/outbox_rig.h"
#include "tests/unit/agent/outbox/trial_collector.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

using Positions = std::set<std::pair<StreamId, std::uint64_t>>;

Positions PositionsIn(const MemoryStorage& storage) {
  Positions positions;
  for (const auto& [name, file] : storage.files) {
    SegmentReader reader(file.bytes, ParseSegmentName(name).value_or(StreamPosition{}));
    while (const auto record = reader.Next()) {
      for (const std::uint64_t sequence : record->numbers.sequences) {
        positions.emplace(reader.header().stream, sequence);
      }
    }
  }
  return positions;
}

// One life of a device, drawn from a seed: outages, crashes, power cuts, a disk that fails, fills
// and rots.
class Trial {
 public:
  enum class Disk { kReliable, kRots };

  Trial(std::uint64_t seed, Disk disk)
      : random_(seed),
        rig_({.memory = KiB(48), .disk = {.max_size = KiB(8 + random_() % 64)}}),
        rots_(disk == Disk::kRots) {
    if (rots_) collector_.ExpectStreamOrderOnly();
  }

  void Run() {
    for (int step = 0; step < 80; ++step) {
      CAPTURE(step);
      Step();
      rig_.CheckBalance();
    }
    Drain();
    CHECK(rig_.outbox().counts().queued == 0);
    CHECK(rig_.added() <= collector_.received() + lost_ + rig_.outbox().counts().dropped());
  }

 private:
  std::uint64_t Below(std::uint64_t end) { return random_() % end; }

  void Step() {
    switch (Below(16)) {
      case 0: return Connect();
      case 1:
      case 2:
      case 3: return rig_.Add(1 + static_cast<int>(Below(20)), Below(2) * Below(60));
      case 4:
      case 5: return rig_.Advance(std::chrono::seconds(Below(40)));
      case 6:
      case 7: return collector_.Take(rig_.outbox().TakeLive(1 + Below(10)));
      case 8:
      case 9: return TakeBacklog(1 + Below(30));
      case 10: return rig_.outbox().Acknowledge(collector_.SomePosition(random_));
      case 11:
        return Below(4) == 0 ? rig_.outbox().Reject(collector_.SomePosition(random_)) : AckAll();
      case 12: return Below(2) == 0 ? rig_.core->RunUntilIdle() : rig_.disk->RunUntilIdle();
      case 13: return ChangeDisk();
      case 14: return Below(2) == 0 ? Crash() : void();
      default: return Below(2) == 0 ? StopAndStart() : void();
    }
  }

  void Connect() {
    collector_.Connect();
    for (const auto& [stream, last] : rig_.outbox().BeginConnection()) {
      CHECK(stream != 0);
      CHECK(last > 0);
    }
  }

  void AckAll() {
    for (const auto& [stream, last] : collector_.last_of_stream()) {
      rig_.outbox().Acknowledge({stream, last});
    }
  }

  // The answer may come at any later step.
  void TakeBacklog(std::size_t most) {
    rig_.outbox().TakeBacklog(most, [this](const SampleBatch& batch) { collector_.Take(batch); });
  }

  void ChangeDisk() {
    switch (Below(4)) {
      case 0: return rig_.storage.FailCalls(Below(4), 1 + Below(30));
      case 1: rig_.storage.space.free = MiB(Below(2) * 40); return;
      default: return HealDisk();
    }
  }
  void HealDisk() {
    rig_.storage.Heal();
    rig_.storage.space.free = GiB(1);
  }

  void StopAndStart() {
    rig_.outbox().Shutdown([] {});
    rig_.Settle();
    Restart(PositionsIn(rig_.storage));
  }

  void Crash() {
    if (Below(3) == 0) rig_.storage.FailCalls(0, 1 + Below(3));
    rig_.disk->RunUntilIdle();  // Perhaps in the middle of a write.
    rig_.core->RunUntilIdle();
    const Positions before = PositionsIn(rig_.storage);
    const std::uint64_t synced = rig_.outbox().counts().queued_on_disk;
    if (Below(2) == 0) rig_.storage.CutPower(Below(2) * Below(4000));
    if (!rots_) CHECK(PositionsIn(rig_.storage).size() >= synced);
    if (rots_) Damage();
    Restart(before);
  }

  void Damage() {
    if (rig_.storage.files.empty()) return;
    auto file = rig_.storage.files.begin();
    std::advance(file, static_cast<std::ptrdiff_t>(Below(rig_.storage.files.size())));
    std::string& bytes = file->second.bytes;
    if (bytes.empty()) return;
    const std::size_t at = Below(bytes.size());
    switch (Below(4)) {
      case 0: bytes.resize(at); break;
      case 1: bytes.erase(at, Below(300)); break;
      case 2: bytes.insert(at, std::string(Below(300), '\xEF')); break;
      default: bytes[at] = static_cast<char>(bytes[at] ^ (1 << Below(8))); break;
    }
  }

  // `before`: what could be read before the disk was damaged.
  void Restart(const Positions& before) {
    const OutboxCounts counts = rig_.outbox().counts();
    const Positions after = PositionsIn(rig_.storage);
    lost_ += counts.dropped() + counts.queued - counts.queued_on_disk;
    for (const auto& position : before) lost_ += after.contains(position) ? 0 : 1;
    collector_.Connect();
    rig_.storage.Heal();  // Else what is found there may still not be synced.
    rig_.Restart();
    // All that can be read is there again.
    CHECK(rig_.outbox().counts().queued == after.size());
  }

  void Drain() {
    HealDisk();
    rig_.Settle();
    Connect();
    while (rig_.outbox().HasBacklog()) collector_.Take(rig_.TakeBacklog(1 + Below(50)));
    for (SampleBatch batch = rig_.outbox().TakeLive(50); !batch.samples.empty();
         batch = rig_.outbox().TakeLive(50)) {
      collector_.Take(batch);
    }
    AckAll();
    rig_.Settle();
    CHECK(rig_.outbox().counts().segments == 0);
  }

  std::mt19937_64 random_;
  OutboxRig rig_;
  TrialCollector collector_;
  bool rots_;
  std::uint64_t lost_ = 0;  // Samples that may be missing: dropped, not synced, damaged.
};

void RunTrials(Trial::Disk disk) {
  const std::uint64_t first = Seed(1);
  const std::uint64_t end = first + LongOrShort(5000, 500);
  for (std::uint64_t seed = first; seed < end; ++seed) {
    CAPTURE(seed);
    Trial(seed, disk).Run();
  }
}

TEST_CASE("whatever happens, an outbox opens, balances, and loses only what was not synced" *
          doctest::test_suite("soak")) {
  RunTrials(Trial::Disk::kReliable);
}

TEST_CASE("on a disk that rots, an outbox loses besides only what is damaged" *
          doctest::test_suite("soak")) {
  RunTrials(Trial::Disk::kRots);
}

// Real files, and what a crash may do to them.
TEST_CASE("with real files a killed outbox comes back with all that is not damaged") {
  std::mt19937_64 random(99);
  for (int trial = 0; trial < 8; ++trial) {
    CAPTURE(trial);
    const TempDir dir;
    FileStorage storage(dir.path() / "outbox");
    OutboxRig rig({}, &storage);
    for (int second = 0; second < 200; ++second) {
      rig.Add(1, 4);
      rig.Advance(1s);
    }
    const std::uint64_t on_disk = rig.outbox().counts().queued_on_disk;
    CHECK(on_disk >= 130);
    const auto file = std::filesystem::directory_iterator(dir.path() / "outbox")->path();
    const auto size = std::filesystem::file_size(file);
    if (trial % 2 == 1) std::filesystem::resize_file(file, random() % size);

    rig.Restart();
    rig.CheckBalance();
    if (trial % 2 == 0) CHECK(rig.outbox().counts().queued == on_disk);
    rig.outbox().BeginConnection();
    const auto values = rig.TakeAllBacklog();
    CHECK(values == UpTo(rig.outbox().counts().queued));
    const auto held = rig.outbox().BeginConnection();
    if (!held.empty()) rig.outbox().Acknowledge(held.front());
    rig.Settle();
    CHECK(std::filesystem::is_empty(dir.path() / "outbox"));
  }
}

TEST_CASE("with a file where its directory should be, an outbox holds the samples in memory") {
  const TempDir dir;
  FileStorage storage(dir.Write("outbox", "in the way"));
  OutboxRig rig({}, &storage);
  rig.Add(5);
  rig.Shutdown();
  CHECK(rig.outbox().counts().queued == 5);
  CHECK(rig.outbox().counts().queued_on_disk == 0);
}

}  // namespace
}  // namespace edgefeed
