#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "agent/outbox/segment_writer.h"
#include "tests/unit/agent/outbox/outbox_rig.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

TEST_CASE("an outbox that is full loses its oldest segments and counts their samples") {
  OutboxRig rig({.disk = {.max_size = KiB(16)}});
  rig.Run(3000, 100);
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
  rig.Run(200, 100);
  rig.Shutdown();
  rig.storage.files[SegmentName({77, 1})].bytes = bytes;
  rig.Restart();
  while (rig.outbox().counts().disk.dropped_outbox_full == 0) rig.Run(60, 100);
  CHECK(rig.outbox().counts().disk.dropped_outbox_full == 20);
  CHECK_FALSE(rig.storage.files.contains(SegmentName({77, 1})));
}

TEST_CASE("the file system keeps its reserve of bytes and of inodes") {
  OutboxRig rig;
  rig.Run(200);
  rig.storage.space.free = MiB(33);
  rig.Run(120);
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
  rig.Run(120);
  CHECK(rig.outbox().counts().disk.bytes_written == written);
  // Throwing away what is there would not have helped.
  CHECK(rig.outbox().counts().dropped() == 0);
}

TEST_CASE("when others fill the file system, the oldest segments go if that makes room") {
  OutboxRig rig({.disk = {.max_size = KiB(16), .min_free = KiB(64)}});
  rig.Run(2000, 100);
  CHECK(rig.outbox().counts().segments > 2);
  rig.storage.space.free = Bytes{KiB(64).count - 1};
  rig.Run(60, 100);
  CHECK(rig.outbox().counts().disk.dropped_disk_full > 0);
  rig.CheckBalance();
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

}  // namespace
}  // namespace edgefeed
