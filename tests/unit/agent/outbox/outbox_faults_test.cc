#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/agent/outbox/outbox_rig.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

using Sequences = std::vector<std::uint64_t>;

constexpr std::size_t kAll = 1000;

void FlipBit(MemoryStorage::Content& file, std::size_t at) {
  file.bytes[at] = static_cast<char>(file.bytes[at] ^ 1);
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
  rig.Run(130);
  rig.outbox().BeginConnection();
  rig.storage.failing_reads = 20;
  for (int i = 0; i < 20; ++i) CHECK(TakeOnce(rig).samples.empty());
  CHECK_FALSE(TakeOnce(rig).samples.empty());
  CHECK(rig.outbox().counts().dropped() == 0);
  rig.CheckBalance();
}

TEST_CASE("a file that can never be read is given up, and does not hold back the others") {
  OutboxRig rig;
  rig.Run(130);
  rig.outbox().BeginConnection();
  rig.storage.failing_reads = 60;
  for (int i = 0; i < 59; ++i) CHECK(TakeOnce(rig).samples.empty());
  CHECK(rig.outbox().counts().dropped() == 0);
  CHECK_FALSE(TakeOnce(rig).samples.empty());  // What is still in memory.
  CHECK(rig.outbox().counts().disk.dropped_damaged > 0);
  rig.CheckBalance();
}

TEST_CASE("while nothing can be written samples stay in memory; it is said once, and retried") {
  OutboxRig rig;
  rig.storage.FailCalls(0);
  rig.Run(400);
  CHECK(rig.outbox().counts().queued == 400);
  CHECK(rig.log.Take() ==
        std::vector<std::string>{"warning outbox: nothing can be written, samples "
                                 "stay in memory: disk: no space left on device"});
  rig.storage.Heal();
  rig.Run(61);
  CHECK(rig.log.Take() ==
        std::vector<std::string>{"info outbox: samples are written again, after 6m"});
  CHECK(rig.outbox().counts().dropped() == 0);
  rig.storage.CutPower();
  rig.Restart();
  CHECK(rig.outbox().counts().disk.recovered >= 461 - 70);
  CHECK(rig.outbox().counts().disk.damaged_records == 0);
}

TEST_CASE("a segment that rots after the start costs what is damaged") {
  OutboxRig rig;
  rig.Run(190);
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
  rig.Run(190);
  rig.storage.files.clear();
  rig.outbox().BeginConnection();
  const Sequences got = rig.TakeAllBacklog();
  CHECK(got.size() + rig.outbox().counts().disk.dropped_damaged == 189);
  rig.CheckBalance();
}

TEST_CASE("at the start damage is counted and passed over, what is foreign is left alone") {
  OutboxRig rig;
  rig.Run(190);
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
  rig.Run(59);
  rig.storage.FailCalls(1);  // Appended, neither synced nor taken back.
  rig.Run(2);
  rig.storage.Heal();
  rig.Restart();
  CHECK(rig.outbox().counts().disk.recovered == 51);
  rig.storage.CutPower();
  rig.Restart();
  CHECK(rig.outbox().counts().disk.recovered == 51);
}

TEST_CASE("an outbox opens on a disk that is read-only, and delivers what is there") {
  OutboxRig rig;
  rig.Run(130);
  rig.storage.files[SegmentName({7, 7})];  // Cannot be removed.
  rig.storage.FailCalls(0);
  rig.Restart();
  rig.outbox().BeginConnection();
  CHECK(rig.TakeAllBacklog().size() == rig.outbox().counts().disk.recovered);
  rig.Run(100);
  CHECK(rig.outbox().counts().dropped() == 0);
}

}  // namespace
}  // namespace edgefeed
