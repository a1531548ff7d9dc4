#include "collector/history/record_codec.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <variant>
#include <vector>

#include "common/base/varint.h"
#include "common/columns/rice.h"
#include "tests/unit/collector/history/frame_fixture.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

// Encodes records and decodes them, each end with what it knows of those before.
class CodecFixture {
 public:
  std::string Encode() {
    std::string payload;
    encoder.Encode(std::exchange(entries, {}), payload);
    return payload;
  }
  // The frames in a payload.
  std::vector<SampleFrame> Decode(const std::string& payload) {
    std::vector<SampleFrame> frames;
    decoded = decoder.Decode(payload, [&](const Entry& entry) {
      if (const auto* frame = std::get_if<Frame>(&entry)) frames.push_back(Read(*frame));
    });
    return frames;
  }
  void CheckComesBack(const std::vector<SampleFrame>& frames) {
    for (const SampleFrame& frame : frames) Put(frame, entries);
    const auto back = Decode(Encode());
    CHECK(decoded);
    CHECK(back == frames);
  }

  std::string entries;
  RecordEncoder encoder;
  RecordDecoder decoder;
  Status decoded;
};

TEST_CASE_FIXTURE(CodecFixture, "frames come back, also those that follow from earlier records") {
  for (int second = 0; second < 3 * kRecordsOfChains / 2; ++second) {
    CAPTURE(second);
    std::vector<SampleFrame> frames;
    for (DeviceNumber device = 1; device < 9; device += 1 + device % 3) {
      frames.push_back(MakeFrame(device, second));
    }
    CheckComesBack(frames);
  }
}

TEST_CASE_FIXTURE(CodecFixture, "names and descriptions stand between frames where they were") {
  PutDeviceName(7, "edge-07", entries);
  Put(MakeFrame(7, 1), entries);
  Put(MakeFrame(7, 2), entries);
  PutSeriesName(3, {"disk", {}}, entries);
  Put(MakeFrame(7, 3), entries);
  PutDeviceDescription(7, {.boot_id = "boot"}, entries);
  std::vector<std::size_t> kinds;
  REQUIRE(decoder.Decode(Encode(), [&](const Entry& entry) { kinds.push_back(entry.index()); }));
  CHECK(kinds == std::vector<std::size_t>{1, 0, 0, 2, 0, 3});
  CHECK(decoder.count() == 6);
}

TEST_CASE_FIXTURE(CodecFixture, "what does not follow on is written in full") {
  CheckComesBack({MakeFrame(1, 1)});
  SampleFrame other_stream = MakeFrame(1, 2);
  other_stream.position.stream = 77;
  SampleFrame back = MakeFrame(1, 3);
  back.position = {.stream = 77, .sequence = 1};
  SampleFrame other_series = MakeFrame(1, 4);
  other_series.sample.readings.push_back({90, 1});
  SampleFrame original = MakeFrame(1, 5);
  original.position = {};
  original.sample.since_boot.reset();
  SampleFrame original_again = original;
  original_again.sample.time += 5s;
  SampleFrame gap = MakeFrame(1, 9);
  SampleFrame far = MakeFrame(1, 10);
  far.position.sequence = UINT64_MAX;
  CheckComesBack({other_stream, back, other_series, original, original_again, gap, far});
}

TEST_CASE_FIXTURE(CodecFixture, "frames that hold little news are small") {
  std::size_t size = 0;
  for (int second = 0; second < 10; ++second) {
    for (DeviceNumber device = 1; device <= 100; ++device) Put(MakeFrame(device, second), entries);
    size = Encode().size();
  }
  CHECK(size <= 100 * 3);
}

TEST_CASE_FIXTURE(CodecFixture, "without a record those after it are lost until one begins anew") {
  for (int i = 0; i < 2 * kRecordsOfChains; ++i) {
    CAPTURE(i);
    Put(MakeFrame(1, i), entries);
    Put(MakeFrame(2, i), entries);
    const std::string payload = Encode();
    if (i == 5) {
      decoder.Lose();
      continue;
    }
    const auto frames = Decode(payload);
    const bool readable = i < 5 || i >= kRecordsOfChains;
    CHECK(frames.size() == (readable ? 2 : 0));
    CHECK(decoded.ok() == readable);
    CHECK(decoder.count() == 2);
    CHECK(decoder.unreadable() == (readable ? 0 : 2));
  }
}

TEST_CASE_FIXTURE(CodecFixture, "an encoder that was reset needs nothing from before") {
  Put(MakeFrame(1, 1), entries);
  Encode();
  encoder.Reset();
  CheckComesBack({MakeFrame(1, 2)});
}

// Names, and frames that follow each other.
std::string SomePayload() {
  std::string entries;
  PutDeviceName(1, "edge-07", entries);
  for (int i = 0; i < 20; ++i) Put(MakeFrame(1 + i % 3, i), entries);
  std::string payload;
  RecordEncoder().Encode(entries, payload);
  return payload;
}

TEST_CASE_FIXTURE(CodecFixture, "a step beyond all devices comes to none, not around to another") {
  Put(MakeFrame(1, 1), entries);
  static_cast<void>(Decode(Encode()));
  REQUIRE(decoded);
  std::string payload("\0\1\0", 3);  // It goes on, with one frame and nothing written in full.
  BitWriter bits(payload);
  bits.Put(0b10, 2);
  constexpr std::int64_t kAllNumbers = std::int64_t{1} << 32U;
  PutRice(ZigZag(kAllNumbers), {.low_bits = 1, .zero_flag = false}, bits);
  bits.Put64(0);
  bits.Finish();
  static_cast<void>(Decode(payload));
  REQUIRE_FALSE(decoded);
  CHECK(decoded.error().message == "not a frame");
}

TEST_CASE("any bytes are a payload or an error, and reading them ends") {
  std::mt19937 random(8);
  const std::string good = SomePayload();
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = good;
    bytes[random() % bytes.size()] = static_cast<char>(random());
    std::size_t given = 0;
    const Status status = RecordDecoder().Decode(bytes, [&given](const Entry&) { ++given; });
    CHECK(given <= 8 * bytes.size());
    CHECK((status || status.error().code == Code::kDataLoss));
  }
}

TEST_CASE("a payload that is cut off anywhere is an error") {
  const std::string good = SomePayload();
  for (std::size_t size = 0; size < good.size(); ++size) {
    const Status status = RecordDecoder().Decode(good.substr(0, size), [](const Entry&) {});
    CHECK_FALSE(status);
  }
}

}  // namespace
}  // namespace edgefeed
