#include "collector/history/open_chunks.h"

#include <doctest/doctest.h>

#include "collector/history/chunk_codec.h"
#include "common/columns/sample_columns.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

const WallTime kStart = FromUnixMillis(1'700'000'400'000);  // A multiple of 120 s, 20 min past.

std::string Columns(const Sample& sample) {
  const Sample* const samples[] = {&sample};
  const std::vector<std::uint32_t> numbers{0, 1, 2, 3};
  std::string columns;
  EncodeSamples(samples, numbers, columns);
  return columns;
}

class OpenChunksFixture {
 public:
  void Add(Lsn lsn, DeviceNumber device, WallTime time, std::string_view columns = "xyz") {
    open.Add(lsn, {.device = device, .received = now, .time = time, .columns = columns}, now);
  }
  [[nodiscard]] std::size_t DueAt(WallTime time) const {
    std::size_t count = 0;
    for (const auto& [hour, chunks] : open.Due(time)) count += chunks.size();
    return count;
  }

  WallTime now = kStart;
  OpenChunks open{120s};
};

TEST_CASE_FIXTURE(OpenChunksFixture, "each device is due once in two minutes, at its own second") {
  for (DeviceNumber device = 1; device <= 240; ++device) Add(device, device, now);
  CHECK(DueAt(kStart) == 0);
  for (int second = 1; second <= 120; ++second) {
    CAPTURE(second);
    CHECK(DueAt(kStart + second * 1s) == 2 * second);
  }
}

TEST_CASE_FIXTURE(OpenChunksFixture, "a device of which much has come is due at once") {
  Add(1, 7, now, std::string(200'000, 'x'));
  CHECK(DueAt(now) == 0);
  Add(2, 7, now - 5h, std::string(100'000, 'x'));
  CHECK(DueAt(now) == 2);  // All of it.
}

TEST_CASE_FIXTURE(OpenChunksFixture, "a clock that is set back makes devices due, not late") {
  Add(1, 7, now);
  CHECK(DueAt(kStart - 1h) == 1);
}

TEST_CASE_FIXTURE(OpenChunksFixture, "a device's frames are one chunk in each hour") {
  Add(10, 7, now - 1h, "abc");
  Add(11, 7, now, "d");
  Add(12, 7, now - 1h, "ef");
  const auto all = open.All();
  REQUIRE(all.size() == 2);
  const OpenChunk& old = *all.begin()->second.front();
  CHECK(old.frames == "\003abc\002ef");
  CHECK(old.first_lsn == 10);
  CHECK(old.last_lsn == 12);
  CHECK(open.bytes() == 9);
  CHECK(open.Of(7).size() == 2);
  CHECK(open.Of(8).empty());
  CHECK(open.oldest() == 10);
  open.Remove({7, old.hour});
  CHECK(open.oldest() == 11);
  CHECK(open.bytes() == 2);
  open.Remove({7, all.rbegin()->first});
  CHECK_FALSE(open.oldest());
  CHECK(open.bytes() == 0);
}

TEST_CASE("a sample of a wrong clock stands in an hour near its receipt") {
  Frame frame{.received = kStart, .time = WallTime(0ms)};
  const Hours hour = std::chrono::floor<std::chrono::hours>(kStart);
  CHECK(PartitionOf(frame) == hour - 31 * 24h);
  CHECK(IsMisplaced(frame));
  frame.time = kStart + 1000h;
  CHECK(PartitionOf(frame) == hour + 1h);
  CHECK(IsMisplaced(frame));
  frame.time = kStart - 48h;
  CHECK(PartitionOf(frame) == hour - 48h);
  CHECK_FALSE(IsMisplaced(frame));
}

TEST_CASE("frames become a chunk in order of time, and come back as they were") {
  std::string frames;
  std::vector<Sample> samples;
  for (const int second : {3, 1, 2}) {
    samples.push_back({.time = kStart + second * 1s,
                       .since_boot = second * 1s,
                       .cpu_usage_percent = 1.5 * second,
                       .memory_used_mib = 100,
                       .readings = {{1, 0.1 * second}, {3, 7}}});
    const std::string columns = Columns(samples.back());
    frames += static_cast<char>(columns.size()) + columns;
  }
  ChunkCodec codec;
  codec.SetSeriesCount(4);
  const auto chunk = codec.Encode(frames);
  REQUIRE(chunk);
  CHECK(chunk->first == kStart + 1s);
  CHECK(chunk->last == kStart + 3s);
  const auto decoded = codec.Decode(*chunk, codec.numbers());
  REQUIRE(decoded);
  REQUIRE(decoded->size() == 3);
  const std::vector<std::size_t> order{1, 2, 0};
  for (std::size_t i = 0; i < 3; ++i) {
    CAPTURE(i);
    const Sample& expected = samples[order[i]];
    CHECK((*decoded)[i].time == expected.time);
    CHECK((*decoded)[i].since_boot == expected.since_boot);
    CHECK((*decoded)[i].cpu_usage_percent == expected.cpu_usage_percent);
    CHECK((*decoded)[i].readings == expected.readings);
  }
  CHECK(codec.DecodeFrames(frames, codec.numbers()).size() == 3);
  CHECK(codec.unreadable_frames() == 0);
}

TEST_CASE("frames that are damaged cost themselves alone, and a damaged chunk is an error") {
  ChunkCodec codec;
  codec.SetSeriesCount(4);
  const std::string good = Columns({.time = kStart, .readings = {{1, 2}}});
  const std::string frame = static_cast<char>(good.size()) + good;
  const auto chunk = codec.Encode(std::string("\003bad") + frame + "@cut off");
  REQUIRE(chunk);
  CHECK(codec.unreadable_frames() == 2);
  CHECK(codec.Decode(*chunk, codec.numbers())->size() == 1);
  CHECK_FALSE(codec.Encode("\003bad"));
  for (std::size_t size = 0; size < chunk->data.size(); ++size) {
    CHECK_FALSE(codec.Decode({.data = chunk->data.substr(0, size)}, codec.numbers()));
  }
}

}  // namespace
}  // namespace edgefeed
