#include "ctl/verify_files.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "agent/outbox/segment_writer.h"
#include "collector/history/history.h"
#include "common/base/file.h"
#include "tests/support/manual_scheduler.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

namespace fs = std::filesystem;

Result<VerifiedFiles> Verify(const fs::path& path) {
  return VerifyFiles(path, [](std::uint64_t done_bytes, std::uint64_t total_bytes) {
    CHECK(done_bytes <= total_bytes);
  });
}

// The history of a collector that has not stored anything yet.
void MakeHistory(const fs::path& directory) {
  ManualScheduler scheduler;
  CollectorStats stats;
  REQUIRE(History::Open({.directory = directory}, scheduler, stats));
}

// One with two samples.
fs::path MakeSegment(const fs::path& directory) {
  fs::create_directories(directory);
  std::vector<Sample> samples(2, {.cpu_usage_percent = 21.5, .memory_used_mib = 512});
  samples[0].position = {0xB, 1};
  samples[1].position = {0xB, 2};
  fs::path path = directory / SegmentName({0xB, 1});
  std::ofstream(path, std::ios::binary)
      << SegmentWriter({.stream = 0xB, .stream_order = 1}).Encode(samples, {});
  return path;
}

void FlipByte(const fs::path& path, std::size_t at) {
  std::string bytes = *ReadSmallFile(path);
  REQUIRE(bytes.size() > at);
  bytes[at] = static_cast<char>(~bytes[at]);
  std::ofstream(path, std::ios::binary) << bytes;
}

TEST_CASE("a history is found in the directory itself, and in a collector's data_dir") {
  const TempDir home;
  MakeHistory(home.path() / "history");
  for (const fs::path& path : {home.path(), home.path() / "history"}) {
    const auto verified = Verify(path);
    REQUIRE(verified);
    CHECK(verified->kind == "history");
    CHECK(verified->path == home.path() / "history");
    CHECK(verified->files == 1);
    CHECK(verified->bytes > 0);
    CHECK(verified->damage.empty());
  }
  const fs::path meta = home.path() / "history" / "meta.db";
  FlipByte(meta, 0);
  const auto damaged = Verify(home.path());
  REQUIRE(damaged);
  REQUIRE(damaged->damage.size() == 1);
  CHECK(damaged->damage[0].starts_with(meta.string() + ": "));
}

TEST_CASE("an outbox is found in the directory itself, in an agent's state_dir, and in a segment") {
  const TempDir home;
  const fs::path outbox = home.path() / "outbox";
  const fs::path segment = MakeSegment(outbox);
  for (const fs::path& path : {home.path(), outbox, segment}) {
    const auto verified = Verify(path);
    REQUIRE(verified);
    CHECK(verified->kind == "outbox");
    CHECK(verified->files == 1);
    CHECK(verified->samples == 2);
    CHECK(verified->bytes == fs::file_size(segment));
    CHECK(verified->damage.empty());
  }
  FlipByte(segment, 80);
  for (const fs::path& path : {home.path(), outbox, segment}) {
    const auto damaged = Verify(path);
    REQUIRE(damaged);
    REQUIRE(damaged->damage.size() == 1);
    CHECK(damaged->damage[0].starts_with(segment.string() + ": 1 damaged record, "));
  }
  fs::remove(segment);
  CHECK(Verify(outbox)->files == 0);
}

TEST_CASE("what is nothing of ours is no success") {
  const TempDir home;
  CHECK(Verify(home.path()).error().code == Code::kNotFound);
  CHECK(Verify(home.path() / "nowhere").error() ==
        Error{Code::kNotFound, (home.path() / "nowhere").string() + ": no such file or directory"});
  CHECK(Verify(home.Write("some.seg", "x")).error().message.ends_with("not the name of a segment"));
}

}  // namespace
}  // namespace edgefeed
