#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "agent/outbox/segment_format.h"
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

// What was logged of this reason.
std::vector<std::string> LinesAbout(OutboxRig& rig, const std::string& reason) {
  std::vector<std::string> lines = rig.log.Take();
  std::erase_if(lines,
                [&](const std::string& line) { return line.find(reason) == std::string::npos; });
  return lines;
}

// Reads and acknowledges all that waits.
void Drain(OutboxRig& rig) {
  const auto held = rig.outbox().BeginConnection();
  rig.TakeAllBacklog();
  for (const StreamPosition& position : held) rig.outbox().Acknowledge(position);
  rig.Settle();
}

TEST_CASE("an outbox that loses samples says so once, and once how many those were") {
  OutboxRig rig({.disk = {.max_size = KiB(16)}});
  while (rig.outbox().counts().disk.dropped_outbox_full == 0) rig.Run(60, 100);
  const auto first = rig.outbox().counts().dropped();
  while (rig.outbox().counts().disk.dropped_outbox_full < 3 * first) rig.Run(60, 100);
  const auto lost = std::to_string(rig.outbox().counts().dropped());
  CHECK(LinesAbout(rig, "outbox_full") ==
        std::vector<std::string>{"warning outbox: the oldest samples are lost from now on "
                                 "(outbox_full): the collector has been away for long; a larger "
                                 "outbox.max_size holds more"});
  Drain(rig);
  for (int second = 0; second <= 60; ++second) {  // The collector is there, and stays.
    rig.Add(1);
    rig.outbox().Acknowledge(rig.outbox().TakeLive(100).samples.back().position);
    rig.Advance(1s);
  }
  const auto over = LinesAbout(rig, "outbox_full");
  REQUIRE(over.size() == 1);
  CHECK(over[0].starts_with("info outbox: there is room again, " + lost + " samples were lost "));
  rig.Run(120, 100);
  CHECK(LinesAbout(rig, "outbox_full").empty());
}

TEST_CASE("a limit that is raised ends the loss") {
  OutboxRig rig({.disk = {.max_size = KiB(16)}});
  while (rig.outbox().counts().disk.dropped_outbox_full == 0) rig.Run(60, 100);
  rig.log.Take();
  rig.outbox().SetLimits({.disk = {.max_size = MiB(1)}});
  rig.Run(120, 100);
  CHECK(LinesAbout(rig, "there is room again").size() == 1);
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

// 4 KiB of which only the header makes sense.
std::string Stranger(std::uint16_t version, std::uint32_t order) {
  std::string bytes =
      EncodeSegmentHeader({.version = version, .stream = 77, .stream_order = order});
  return bytes + std::string(KiB(4).count - bytes.size(), 'x');
}

constexpr Bytes kOutbox = KiB(16);
const std::string kStranger = SegmentName({77, 1});

Bytes SizeOf(const MemoryStorage& storage) {
  Bytes size;
  for (const auto& [name, file] : storage.files) size.count += file.bytes.size();
  return size;
}

// Runs until the stranger has gone, or samples have.
void RunUntilSomethingGoes(OutboxRig& rig) {
  while (rig.storage.files.contains(kStranger) && rig.outbox().counts().dropped() == 0) {
    rig.Run(60, 100);
    REQUIRE(SizeOf(rig.storage) <= kOutbox);
    REQUIRE(rig.outbox().counts().disk_size == SizeOf(rig.storage));
  }
}

TEST_CASE("a segment that cannot be read takes room, and is the first to go") {
  OutboxRig rig({.disk = {.max_size = kOutbox}});
  rig.Run(200, 100);
  rig.Shutdown();
  rig.storage.files[kStranger].bytes = Stranger(kSegmentVersion, 1000);
  SUBCASE("the disk does not give it") { rig.storage.unreadable.insert(kStranger); }
  SUBCASE("nothing in it is whole, and it could not be removed at the start") {
    rig.storage.undying.insert(kStranger);
  }
  rig.Restart();
  CHECK(rig.outbox().counts().disk_size == SizeOf(rig.storage));
  rig.storage.undying.clear();

  RunUntilSomethingGoes(rig);

  CHECK_FALSE(rig.storage.files.contains(kStranger));
  CHECK(rig.outbox().counts().dropped() == 0);
  CHECK(rig.log.Take().back() ==
        "warning outbox: " + kStranger + " made room: it could not be read");
}

TEST_CASE("what cannot be removed does not keep others from making room") {
  OutboxRig rig({.disk = {.max_size = kOutbox}});
  rig.storage.files[kStranger].bytes = std::string(KiB(4).count, 'x');
  rig.storage.undying.insert(kStranger);
  rig.Restart();
  rig.Run(2000, 100);
  CHECK(SizeOf(rig.storage) <= kOutbox);
  CHECK(rig.outbox().counts().disk.dropped_outbox_full > 0);
  CHECK(rig.outbox().counts().queued_on_disk > 100);
  CHECK_FALSE(rig.outbox().counts().disk.bytes_written == 0);
}

TEST_CASE("a stranger that fills the outbox and cannot be removed costs nothing on disk") {
  OutboxRig rig({.disk = {.max_size = kOutbox}});
  rig.Run(200, 100);
  rig.Shutdown();
  rig.storage.files[kStranger].bytes = std::string(kOutbox.count, 'x');
  rig.storage.undying.insert(kStranger);
  rig.Restart();
  rig.Run(200, 100);
  CHECK(rig.outbox().counts().queued_on_disk == 200);
  CHECK(rig.outbox().counts().dropped() == 0);
}

TEST_CASE("a segment of a newer version takes room, and goes when it is the oldest") {
  OutboxRig rig({.disk = {.max_size = kOutbox}});
  rig.Run(200, 100);
  rig.Shutdown();
  SUBCASE("it is") {
    rig.storage.files[kStranger].bytes = Stranger(kSegmentVersion + 1, 0);
    rig.Restart();
    RunUntilSomethingGoes(rig);
    CHECK(rig.outbox().counts().dropped() == 0);
    CHECK(rig.log.Take().back() ==
          "warning outbox: " + kStranger + " made room: the oldest, of a newer version");
  }
  SUBCASE("it is older than what is written from now on, not than what was there") {
    rig.storage.files[kStranger].bytes = Stranger(kSegmentVersion + 1, 1000);
    rig.Restart();
    rig.Run(60, 100);
    rig.Shutdown();
    rig.Restart();
    RunUntilSomethingGoes(rig);
    CHECK(rig.outbox().counts().dropped() == 200);
    const auto dropped = rig.outbox().counts().dropped();
    while (rig.storage.files.contains(kStranger)) rig.Run(1, 100);
    CHECK(rig.outbox().counts().dropped() == dropped);
  }
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
  CHECK(LinesAbout(rig, "disk_full") ==
        std::vector<std::string>{"warning outbox: the oldest samples are lost from now on "
                                 "(disk_full): others fill the file system; free space, or lower "
                                 "outbox.min_free"});
  rig.storage.space.free = GiB(1);
  rig.Run(60, 100);
  const auto over = LinesAbout(rig, "disk_full");
  REQUIRE(over.size() == 1);
  CHECK(over[0].starts_with("info outbox: there is room again, "));
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
