#include "agent/outbox/inspect.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>
#include <vector>

#include "agent/outbox/file_storage.h"
#include "agent/outbox/segment_writer.h"
#include "common/base/crc32c.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

// A segment with samples 1 and 2 of the stream.
std::string Segment(StreamId stream, std::uint32_t order, double value) {
  std::vector<Sample> samples(2, {.cpu_usage_percent = 21.5, .memory_used_mib = 512});
  for (std::uint64_t i = 0; i < 2; ++i) {
    samples[i].position = {stream, i + 1};
    samples[i].time = FromUnixMillis(1'764'000'000'123 + 1000 * i);
    samples[i].readings = {{0, value}};
  }
  const std::vector<Series> names = {{"temp", {{"zone", "cpu"}}}};
  return SegmentWriter({.stream = stream, .stream_order = order}).Encode(samples, names);
}

// The stream whose name is higher began first.
class Outboxes {
 public:
  Outboxes() {
    (void)dir.Write(SegmentName({0xB, 1}), Segment(0xB, 1, 48.25));
    (void)dir.Write(SegmentName({0xA, 1}), Segment(0xA, 2, std::nan("")));
    (void)dir.Write("README", "not ours");
  }
  TempDir dir;
  std::ostringstream out;
};

TEST_CASE("a listing has a line for each segment, oldest stream first") {
  Outboxes box;
  REQUIRE(ListOutbox(box.dir.path(), box.out));
  CHECK(box.out.str() ==
        "000000000000000b-0000000000000001.seg  156 B  2 samples  1-2  "
        "2025-11-24T16:00:00.123Z to 2025-11-24T16:00:01.123Z\n"
        "000000000000000a-0000000000000001.seg  162 B  2 samples  1-2  "
        "2025-11-24T16:00:00.123Z to 2025-11-24T16:00:01.123Z\n");
}

TEST_CASE("an outbox without damage is said to be whole") {
  Outboxes box;
  const auto damage = VerifyOutbox(box.dir.path(), box.out);
  REQUIRE(damage);
  CHECK(damage->records == 0);
  CHECK(box.out.str() == "2 segments, 4 samples: all whole\n");
}

TEST_CASE("damage is named with its segment and what it cost") {
  Outboxes box;
  std::string bytes = Segment(0xB, 1, 48.25);
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  (void)box.dir.Write(SegmentName({0xB, 1}), bytes);
  const auto damage = VerifyOutbox(box.dir.path(), box.out);
  REQUIRE(damage);
  CHECK(damage->samples == 2);
  CHECK(box.out.str() ==
        "000000000000000b-0000000000000001.seg: 1 damaged record, 55 B, 2 samples known to be "
        "lost\n"
        "2 segments, 2 samples: 1 damaged record, 55 B, 2 samples known to be lost\n");
}

TEST_CASE("an export has every reading, as CSV or as JSON lines") {
  Outboxes box;
  REQUIRE(ExportOutbox(box.dir.path(), ExportFormat::kCsv, box.out));
  const std::string csv = box.out.str();
  CHECK(
      csv.starts_with("time,stream,sequence,series,value\n"
                      "2025-11-24T16:00:00.123Z,000000000000000b,1,\"cpu_usage\",21.5\n"
                      "2025-11-24T16:00:00.123Z,000000000000000b,1,\"memory_mb\",512\n"
                      "2025-11-24T16:00:00.123Z,000000000000000b,1,"
                      "\"temp{zone=\"\"cpu\"\"}\",48.25\n"));
  CHECK(std::ranges::count(csv, '\n') == 13);

  box.out.str({});
  REQUIRE(ExportOutbox(box.dir.path(), ExportFormat::kJsonLines, box.out));
  const std::string json = box.out.str();
  CHECK(json.ends_with(
      R"({"time":"2025-11-24T16:00:01.123Z","stream":"000000000000000a","sequence":2,)"
      R"("series":"temp{zone=\"cpu\"}","value":null})"
      "\n"));
  CHECK(std::ranges::count(json, '\n') == 12);
}

TEST_CASE("text of any kind is quoted so that it can be read back") {
  const ExportRow row{.time = WallTime(std::chrono::milliseconds(-1)),
                      .position = {1, 2},
                      .series = "a\\\"\n,b",
                      .value = -0.1};
  CHECK(ExportLine(ExportFormat::kCsv, row) ==
        "1969-12-31T23:59:59.999Z,0000000000000001,2,\"a\\\"\"\n,b\",-0.1\n");
  CHECK(ExportLine(ExportFormat::kJsonLines, row) ==
        R"({"time":"1969-12-31T23:59:59.999Z","stream":"0000000000000001","sequence":2,)"
        R"("series":"a\\\"\u000a,b","value":-0.1})"
        "\n");
}

TEST_CASE("a directory that is not there is said to be missing; an empty one is no error") {
  const TempDir dir;
  std::ostringstream out;
  const Status missing = ListOutbox(dir.path() / "none", out);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Code::kNotFound);
  CHECK(missing.error().message.find("none") != std::string::npos);
  CHECK(ListOutbox(dir.path(), out));
  CHECK(out.str().empty());
  REQUIRE(VerifyOutbox(dir.path(), out));
  CHECK(out.str() == "0 segments, 0 samples: all whole\n");
}

TEST_CASE("what a newer version wrote is listed as such") {
  const TempDir dir;
  std::string bytes = Segment(1, 1, 1);
  bytes[8] = 2;
  const std::uint32_t crc = Crc32c(std::string_view(bytes).substr(0, kSegmentHeaderSize - 4));
  for (std::size_t i = 0; i < 4; ++i) {
    bytes[kSegmentHeaderSize - 4 + i] = static_cast<char>(crc >> (8 * i));
  }
  (void)dir.Write(SegmentName({1, 1}), bytes);
  std::ostringstream out;
  REQUIRE(ListOutbox(dir.path(), out));
  CHECK(out.str().ends_with("  of a newer version\n"));
}

}  // namespace
}  // namespace edgefeed
