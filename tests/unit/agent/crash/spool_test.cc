#include <doctest/doctest.h>

#include <fstream>
#include <random>

#include "common/base/file.h"
#include "tests/support/log_capture.h"
#include "tests/unit/agent/crash/crash_rig.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
namespace fs = std::filesystem;

std::string Noise(std::size_t bytes, unsigned seed) {
  std::string noise(bytes, '\0');
  std::mt19937 random(seed);
  for (char& byte : noise) byte = static_cast<char>(random());
  return noise;
}

TEST_CASE("small dumps go first, then the oldest, and one stays the next until its attempt ends") {
  CrashRig rig;
  rig.Drop("large-one", Noise(100'000, 1));
  rig.Wait(1s);
  rig.Drop("large-two", Noise(100'000, 2));
  rig.Wait(1s);
  const auto next = rig.spool->Next(DumpsAllowed::kAll);
  REQUIRE(next);
  CHECK(next->filename == "large-one.zst");
  rig.Drop("small", "s");
  rig.Wait(1s);
  CHECK(rig.spool->Next(DumpsAllowed::kAll)->id == next->id);
  CHECK(rig.Deliver(DumpOutcome::kUnreachable).filename == "large-one.zst");
  CHECK(rig.Deliver().filename == "small.zst");
  CHECK_FALSE(rig.spool->Next(DumpsAllowed::kDescriptions));
  CHECK(rig.Deliver().filename == "large-one.zst");
  CHECK(rig.Deliver().filename == "large-two.zst");
  CHECK_FALSE(rig.spool->Next(DumpsAllowed::kAll));
  CHECK(rig.spool->counts().delivered == 3);
}

TEST_CASE("a delivered dump takes its source with it, and is not taken again") {
  CrashRig rig;
  const auto source = rig.Drop("core", "bytes");
  rig.Wait(1s);
  CHECK(fs::exists(source));
  rig.Deliver();
  CHECK_FALSE(fs::exists(source));
  rig.Wait(5min);
  rig.Start();
  CHECK(rig.Sealed().empty());
  CHECK(fs::directory_iterator(rig.drops()) == fs::directory_iterator());
}

TEST_CASE("a dump is read in pieces, and only while it is sent") {
  CrashRig rig;
  rig.Drop("core", Noise(1000, 1));
  rig.Wait(1s);
  const auto dump = rig.spool->Next(DumpsAllowed::kAll);
  REQUIRE(dump);
  CHECK_FALSE(rig.spool->Read(dump->id, 0, 10));
  REQUIRE(rig.spool->BeginAttempt(dump->id));
  std::string bytes;
  while (true) {
    const auto piece = rig.spool->Read(dump->id, bytes.size(), 300);
    REQUIRE(piece);
    if (piece->empty()) break;
    bytes += *piece;
  }
  CHECK(bytes.size() == dump->size_bytes);
  CHECK(Sha256Of(bytes) == dump->sha256);
  CHECK(Unpacked(bytes) == Noise(1000, 1));
}

TEST_CASE(
    "a dump that fails eight times is kept and not sent any more, the line's faults do not count") {
  CrashRig rig;
  rig.Drop("core", "bytes");
  rig.Wait(1s);
  for (int i = 0; i < 20; ++i) rig.Deliver(DumpOutcome::kUnreachable);
  for (int i = 0; i < 7; ++i) rig.Deliver(DumpOutcome::kFailed);
  rig.Start();  // Attempts are remembered.
  CHECK(rig.spool->counts().quarantined == 0);
  rig.Deliver(DumpOutcome::kFailed);
  CHECK_FALSE(rig.spool->Next(DumpsAllowed::kAll));
  CHECK(rig.spool->counts().quarantined == 1);
  rig.Start();
  CHECK_FALSE(rig.spool->Next(DumpsAllowed::kAll));
  CHECK(rig.Sealed().size() == 1);
}

TEST_CASE("a dump that ends the agent each time is not sent for ever") {
  CrashRig rig;
  rig.Drop("core", "bytes");
  rig.Wait(1s);
  int attempts = 0;
  for (; attempts < 100; ++attempts) {
    const auto next = rig.spool->Next(DumpsAllowed::kAll);
    if (!next) break;
    REQUIRE(rig.spool->BeginAttempt(next->id));
    rig.Start();
  }
  CHECK(attempts == 32);
  CHECK(rig.spool->counts().quarantined == 1);
}

TEST_CASE("what the collector never takes is described, and then forgotten") {
  CrashRig rig;
  rig.Drop("core", "bytes");
  rig.Wait(1s);
  const std::string id = rig.Deliver(DumpOutcome::kRejected).id;
  const auto description = rig.spool->Next(DumpsAllowed::kDescriptions);
  REQUIRE(description);
  CHECK(description->id != id);
  CHECK(description->size_bytes == 0);
  CHECK(description->info.content == DumpContent::kMetadata);
  CHECK(description->info.missing == "rejected");
  rig.Deliver(DumpOutcome::kRejected);
  CHECK(rig.Sealed().empty());
  CHECK(rig.spool->counts().dropped == std::map<std::string, std::uint64_t>{{"rejected", 2}});
  CHECK(fs::is_empty(rig.drops()));
}

TEST_CASE("over the quota a crash loop goes first, and leaves its descriptions") {
  CrashConfig config;
  config.max_size = KiB(500);
  CrashRig rig(config);
  rig.Drop("alone", Noise(150'000, 1));
  rig.Wait(1s);
  for (int i = 0; i < 3; ++i) {
    rig.Wait(13min);  // As often as the limit allows.
    rig.Drop("loop." + std::to_string(i), Noise(150'000, 2 + i));
    rig.Wait(1s);
  }
  const auto all = rig.Sealed();
  REQUIRE(all.size() == 4);
  CHECK(rig.spool->counts().bytes <= 500 * 1024);
  CHECK(all[0].filename == "alone.zst");
  CHECK(all[0].size_bytes > 0);
  CHECK(all[1].filename == "loop.0.zst");
  CHECK(all[1].size_bytes > 0);
  CHECK(all[2].filename == "loop.1.zst");  // Neither the first nor the latest.
  CHECK(all[2].size_bytes == 0);
  CHECK(all[2].info.missing == "evicted");
  CHECK(all[3].size_bytes > 0);
  CHECK(fs::exists(rig.drops() / "loop.0"));
  CHECK_FALSE(fs::exists(rig.drops() / "loop.1"));
  CHECK(rig.spool->counts().dropped.at("evicted") == 1);
}

TEST_CASE("what does not fit at all is described") {
  CrashConfig config;
  config.max_size = KiB(100);
  CrashRig rig(config);
  rig.Drop("huge", Noise(5'000'000, 1));
  rig.Wait(1s);
  const auto all = rig.Sealed();
  REQUIRE(all.size() == 1);
  CHECK(all[0].size_bytes == 0);
  CHECK(all[0].info.missing == "disk_full");
  CHECK(all[0].info.original_bytes == 5'000'000);
  rig.Start();
  CHECK(rig.Sealed().size() == 1);  // And that is all that will ever come of it.
}

TEST_CASE("a dump waits for as long as it is told to, whatever the clock says") {
  CrashRig rig;
  rig.Drop("core", "bytes");
  rig.Wait(1s);
  rig.scheduler.clock().StepWall(365 * 24h);
  rig.Wait(7 * 24h - 1h);
  CHECK(rig.Sealed().size() == 1);
  rig.Wait(2h);
  CHECK(rig.Sealed().empty());
  CHECK(rig.spool->counts().dropped.at("expired") == 1);
  CHECK(fs::is_empty(rig.drops()));
}

TEST_CASE(
    "what an interruption leaves is removed, what is damaged is told of, the rest is left alone") {
  CrashRig rig;
  rig.Drop("one", "bytes");
  rig.Drop("two", "bytes");
  rig.Wait(1s);
  REQUIRE(rig.Sealed().size() == 2);
  const auto one = rig.Sealed()[0];
  const auto two = rig.Sealed()[1];
  std::ofstream(rig.spool_directory() / "orphan.dump") << "x";
  std::ofstream(rig.spool_directory() / "half.dump.tmp") << "x";
  std::ofstream(rig.spool_directory() / "notes.txt") << "x";
  std::ofstream(rig.spool_directory() / (one.id + ".info")) << "damaged";
  fs::remove(rig.drops() / "one");
  fs::resize_file(rig.spool_directory() / (two.id + ".dump"), 3);
  fs::remove(rig.drops() / "two");
  LogCapture log;

  rig.Start();

  CHECK_FALSE(fs::exists(rig.spool_directory() / "orphan.dump"));
  CHECK_FALSE(fs::exists(rig.spool_directory() / "half.dump.tmp"));
  CHECK(fs::exists(rig.spool_directory() / "notes.txt"));
  CHECK_FALSE(fs::exists(rig.spool_directory() / (one.id + ".dump")));
  REQUIRE(rig.Sealed().size() == 1);
  CHECK(rig.Sealed()[0].size_bytes == 0);
  CHECK(rig.Sealed()[0].info.missing == "damaged");
  CHECK(rig.spool->counts().dropped.at("damaged") == 2);
}

TEST_CASE("a damaged dump whose source is still there is made again") {
  CrashRig rig;
  rig.Drop("core", "bytes");
  rig.Wait(1s);
  const auto dump = rig.Sealed().at(0);
  std::ofstream(rig.spool_directory() / (dump.id + ".dump")) << "shorter";
  rig.Start();
  rig.Wait(10s);
  REQUIRE(rig.Sealed().size() == 1);
  CHECK(rig.Sealed()[0].sha256 == dump.sha256);
  CHECK(rig.Bytes(rig.Sealed()[0]) == Packed("bytes"));
}

TEST_CASE("an eviction that was interrupted is not two dumps") {
  CrashRig rig;
  rig.Drop("core", "bytes");
  rig.Wait(1s);
  const auto dump = rig.Sealed().at(0);
  const auto record = *ReadSmallFile(rig.spool_directory() / (dump.id + ".info"));
  const auto bytes = rig.Bytes(dump);
  rig.Deliver(DumpOutcome::kRejected);
  std::ofstream(rig.spool_directory() / (dump.id + ".info")) << record;
  std::ofstream(rig.spool_directory() / (dump.id + ".dump")) << bytes;
  rig.Start();
  REQUIRE(rig.Sealed().size() == 1);
  CHECK(rig.Sealed()[0].size_bytes == 0);
}

}  // namespace
}  // namespace edgefeed
