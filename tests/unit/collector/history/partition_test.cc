#include "collector/history/partition.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

#include "collector/history/raw_partitions.h"
#include "tests/support/log_capture.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr auto kEvery = 120s;
const WallTime kStart = FromUnixMillis(1'700'000'400'000);  // 22:20 UTC.

NewChunk MakeChunk(DeviceNumber device, WallTime due, WallTime first, std::string data) {
  return {.device = device,
          .due = due,
          .last_lsn = 7,
          .chunk = {.first = first, .last = first + 119s, .data = std::move(data)}};
}

std::vector<std::string> Read(Partition& partition, DeviceNumber device, WallTime from,
                              WallTime to) {
  auto chunks = partition.Read(device, from, to);
  REQUIRE(chunks);
  std::vector<std::string> data;
  for (const Chunk& chunk : *chunks) data.push_back(chunk.data);
  std::ranges::sort(data);
  return data;
}

std::int64_t Count(Partition& partition, const std::string& table) {
  return *partition.database().QueryInteger("SELECT count(*) FROM " + table);
}

class PartitionFixture {
 public:
  PartitionFixture() { Reopen(kEvery); }
  void Reopen(std::chrono::seconds chunk_every) {
    partition.reset();
    auto opened = Partition::Open(path, chunk_every);
    REQUIRE(opened);
    partition = std::move(*opened);
  }
  void Add(const NewChunk& chunk) const { REQUIRE(partition->Add({&chunk, 1})); }

  TempDir home;
  fs::path path = home.path() / "hour.db";
  std::unique_ptr<Partition> partition;
};

TEST_CASE_FIXTURE(PartitionFixture, "chunks are found by device and time, without an index") {
  for (int i = 0; i < 10; ++i) {
    for (DeviceNumber device = 1; device <= 130; ++device) {
      const WallTime due = kStart + std::chrono::seconds(device % 120) + (i + 1) * kEvery;
      Add(MakeChunk(device, due, due - kEvery, std::to_string(device) + " " + std::to_string(i)));
    }
  }
  CHECK(Count(*partition, "chunk") == 1300);
  CHECK(Count(*partition, "late") == 0);
  for (DeviceNumber device = 1; device <= 130; ++device) {
    CAPTURE(device);
    const WallTime first = kStart + std::chrono::seconds(device % 120) + 3 * kEvery;
    const std::string name = std::to_string(device) + " ";
    CHECK(Read(*partition, device, first, first + 119s) == std::vector<std::string>{name + "3"});
    CHECK(Read(*partition, device, first - 1s, first) ==
          std::vector<std::string>{name + "2", name + "3"});
    CHECK(Read(*partition, device, kStart, kStart + 1h).size() == 10);
  }
  CHECK(Read(*partition, 131, kStart, kStart + 1h).empty());
}

TEST_CASE_FIXTURE(PartitionFixture, "old samples, and a second chunk of one time, stand apart") {
  const WallTime now = kStart + 50min;
  Add(MakeChunk(5, now, now - 30min, "old"));
  Add(MakeChunk(5, now, now - 2min, "first"));
  Add(MakeChunk(5, now, now - 2min, "second"));
  Add(MakeChunk(5, now, now + 10min, "clock ahead"));
  CHECK(Count(*partition, "chunk") == 1);
  CHECK(Count(*partition, "late") == 3);
  CHECK(Read(*partition, 5, kStart, kStart + 2h) ==
        std::vector<std::string>{"clock ahead", "first", "old", "second"});
  CHECK(Read(*partition, 5, now - 30min, now - 29min) == std::vector<std::string>{"old"});
}

TEST_CASE_FIXTURE(PartitionFixture, "it knows how far each device is written") {
  Add(MakeChunk(3, kStart, kStart, "x"));
  NewChunk later = MakeChunk(3, kStart + kEvery, kStart + kEvery, "y");
  later.last_lsn = 12;
  Add(later);
  CHECK(*partition->WrittenUpTo(3) == 12);
  CHECK(*partition->WrittenUpTo(4) == 0);
  CHECK(*partition->WrittenUpTo() == 12);
  Reopen(kEvery);
  CHECK(*partition->WrittenUpTo(3) == 12);
}

TEST_CASE_FIXTURE(PartitionFixture, "a partition keeps the rhythm with which it was made") {
  Add(MakeChunk(3, kStart, kStart - kEvery, "before"));
  Reopen(10s);
  Add(MakeChunk(3, kStart + kEvery, kStart, "after"));
  CHECK(Read(*partition, 3, kStart - 1h, kStart + 1h) ==
        std::vector<std::string>{"after", "before"});
  CHECK(*partition->WrittenUpTo(3) == 7);
}

TEST_CASE_FIXTURE(PartitionFixture, "a reader sees what the writer beside it has committed") {
  Add(MakeChunk(3, kStart, kStart - kEvery, "x"));
  auto reader = Partition::OpenReadOnly(path);
  REQUIRE(reader);
  CHECK(Read(**reader, 3, kStart - 1h, kStart + 1h) == std::vector<std::string>{"x"});
  const NewChunk refused = MakeChunk(4, kStart, kStart, "y");
  CHECK_FALSE((*reader)->Add({&refused, 1}));
}

TEST_CASE("a partition of a newer version is refused by name") {
  const TempDir home;
  const fs::path path = home.path() / "hour.db";
  REQUIRE(Partition::Open(path, kEvery));
  {
    auto database = Database::Open(path, Database::Mode::kReadWrite);
    REQUIRE(database->Run("PRAGMA user_version = 9"));
  }
  const auto opened = Partition::Open(path, kEvery);
  REQUIRE_FALSE(opened);
  CHECK(opened.error() == Error{Code::kFailedPrecondition,
                                path.string() + ": format 9 is not known to this version"});
}

TEST_CASE("hours are files, and their names can be read back") {
  const Hours hour = std::chrono::floor<std::chrono::hours>(kStart);
  CHECK(HourName(hour) == "2023-11-14T22");
  CHECK(ParseHourName("2023-11-14T22") == hour);
  for (const char* wrong : {"", "2023-11-14T24", "2023-13-14T22", "2023-11-14 22", "2023-11-1xT22",
                            "2023-11-14T22x", "2023-02-30T00"}) {
    CAPTURE(wrong);
    CHECK_FALSE(ParseHourName(wrong));
  }
}

TEST_CASE("a damaged partition is set aside, and a new one takes what comes") {
  const TempDir home;
  CollectorStats stats;
  auto partitions = RawPartitions::Open(home.path() / "raw", kEvery, stats);
  REQUIRE(partitions);
  const Hours hour = std::chrono::floor<std::chrono::hours>(kStart);
  const fs::path path = (*partitions)->PathOf(hour);
  std::ofstream(path) << std::string(20'000, 'x');

  LogCapture logged;
  const NewChunk chunk = MakeChunk(3, kStart, kStart - kEvery, "x");
  REQUIRE((*partitions)->Add(hour, {&chunk, 1}));

  CHECK((*partitions)->Read(hour, 3, kStart - 1h, kStart)->size() == 1);
  CHECK(fs::file_size(path.string() + ".damaged") == 20'000);
  CHECK(stats.history_files_damaged == 1);
  CHECK(logged.Take() ==
        std::vector<std::string>{"error history: " + path.string() + ": file is not a database",
                                 "error history: " + path.string() +
                                     " is damaged and set aside as 2023-11-14T22.db.damaged"});
  CHECK((*partitions)->List() == std::vector<Hours>{hour});
}

TEST_CASE("many hours are kept with few files open, and deleted one by one") {
  const TempDir home;
  CollectorStats stats;
  auto partitions = std::move(*RawPartitions::Open(home.path() / "raw", kEvery, stats));
  const Hours first = std::chrono::floor<std::chrono::hours>(kStart);
  for (int i = 0; i < 10; ++i) {
    NewChunk chunk = MakeChunk(3, kStart + i * 1h, kStart + i * 1h, "x");
    chunk.last_lsn = 10 + i;
    REQUIRE(partitions->Add(first + i * 1h, {&chunk, 1}));
  }
  CHECK(partitions->List().size() == 10);
  CHECK(*partitions->WrittenUpTo() == 19);
  CHECK(*partitions->WrittenUpTo(first, 3) == 10);
  partitions->Delete(first);
  CHECK(partitions->List().front() == first + 1h);
  CHECK(*partitions->WrittenUpTo(first, 3) == 0);
  CHECK(partitions->Read(first, 3, kStart, kStart + 1h)->empty());
  CHECK_FALSE(fs::exists(partitions->PathOf(first)));
}

}  // namespace
}  // namespace edgefeed
