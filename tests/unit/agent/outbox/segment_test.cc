#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "agent/outbox/segment_format.h"
#include "agent/outbox/segment_reader.h"
#include "agent/outbox/segment_writer.h"
#include "common/base/crc32c.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

constexpr StreamId kStream = 0x0123456789ABCDEF;
constexpr StreamPosition kFirst{kStream, 1};

std::vector<Series> Names(std::size_t count) {
  std::vector<Series> names(count);
  for (std::size_t i = 0; i < count; ++i) {
    names[i] = {"disk_read_bytes", {{"device", "sd" + std::to_string(i)}}};
  }
  return names;
}

// Samples `first` to `last` with all but one of three series each.
std::vector<Sample> Samples(std::uint64_t first, std::uint64_t last) {
  std::vector<Sample> samples;
  for (std::uint64_t sequence = first; sequence <= last; ++sequence) {
    const auto value = static_cast<double>(sequence);
    Sample sample{.position = {kStream, sequence},
                  .time = FromUnixMillis(1'764'000'000'000 + 1000 * sequence),
                  .since_boot = std::chrono::milliseconds(1000 * sequence),
                  .cpu_usage_percent = value,
                  .memory_used_mib = 512};
    for (const SeriesId series : {0, 1, 2}) {
      if (sequence % 3 != series) sample.readings.push_back({series, value + series});
    }
    samples.push_back(std::move(sample));
  }
  return samples;
}

std::string Segment(int groups) {
  SegmentWriter writer({.stream = kStream, .stream_order = 7});
  const auto names = Names(3);
  std::string bytes;
  for (int i = 0; i < groups; ++i) bytes += writer.Encode(Samples(5 * i + 1, 5 * i + 5), names);
  return bytes;
}

struct Found {
  std::vector<Sample> samples;
  std::vector<Series> series;
  Damage damage;
};

Found ReadAll(std::string_view bytes) {
  SegmentReader reader(bytes, kFirst);
  Found found;
  while (const auto record = reader.Next()) {
    auto samples = reader.Decode(*record);
    REQUIRE(samples);
    std::ranges::move(*samples, std::back_inserter(found.samples));
  }
  found.series = reader.series();
  found.damage = reader.damage();
  return found;
}

bool Same(const Sample& a, const Sample& b) {
  return a.position == b.position && a.time == b.time && a.since_boot == b.since_boot &&
         a.cpu_usage_percent == b.cpu_usage_percent && a.memory_used_mib == b.memory_used_mib &&
         a.readings == b.readings;
}

// Which of Names() it is.
SeriesId IdOf(const Series& series) {
  const auto names = Names(3);
  return static_cast<SeriesId>(std::ranges::find(names, series) - names.begin());
}

// How many of the samples are just those that were written.
std::size_t CountKnown(Found found) {
  std::size_t known = 0;
  for (Sample& sample : found.samples) {
    for (Reading& reading : sample.readings) reading.series = IdOf(found.series[reading.series]);
    std::ranges::sort(sample.readings, {}, &Reading::series);
    const std::uint64_t sequence = sample.position.sequence;
    if (Same(sample, Samples(sequence, sequence).front())) ++known;
  }
  return known;
}

std::string Hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string hex;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex.append({kDigits[byte >> 4U], kDigits[byte & 0xFU]});
  }
  return hex;
}

TEST_CASE("a segment gives back its samples, with their series and positions") {
  const Found found = ReadAll(Segment(4));
  CHECK(found.samples.size() == 20);
  CHECK(CountKnown(found) == 20);
  CHECK(found.damage.records == 0);
  CHECK(found.series.size() == 3);
}

TEST_CASE("a series that comes later is explained before it is used") {
  SegmentWriter writer({.stream = kStream});
  auto names = Names(1);
  std::vector<Sample> early(1);
  early[0] = {.position = kFirst, .readings = {{0, 1.5}}};
  std::vector<Sample> late(1);
  late[0] = {.position = {kStream, 2}, .readings = {{0, 2.5}, {9, 3.5}}};
  std::string bytes = writer.Encode(early, names);
  names = Names(10);
  bytes += writer.Encode(late, names);

  const Found found = ReadAll(bytes);
  REQUIRE(found.samples.size() == 2);
  CHECK(found.samples[1].readings == std::vector<Reading>{{0, 2.5}, {1, 3.5}});
  CHECK(found.series[1] == names[9]);
}

TEST_CASE("the header comes back; a damaged one gives way to the file's name") {
  const SegmentHeader header{.stream = kStream,
                             .stream_order = 3,
                             .priority = 2,
                             .boot_id = {1, 2, 3},
                             .time = FromUnixMillis(1'764'000'000'123),
                             .since_boot = 17s};
  std::string bytes = EncodeSegmentHeader(header);
  REQUIRE(bytes.size() == kSegmentHeaderSize);
  REQUIRE(DecodeSegmentHeader(bytes));
  CHECK(*DecodeSegmentHeader(bytes) == header);

  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string damaged = Segment(2);
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    CAPTURE(bit);
    const Found found = ReadAll(damaged);
    CHECK(CountKnown(found) == 10);
    CHECK(found.damage.records == 1);
    CHECK(found.damage.bytes == kSegmentHeaderSize);
  }
}

TEST_CASE("the bytes are those of FORMAT.md") {
  SegmentWriter writer({.stream = kStream,
                        .stream_order = 3,
                        .time = FromUnixMillis(1'764'000'000'000),
                        .since_boot = 60s});
  std::vector<Sample> samples(2, {.cpu_usage_percent = 21.5, .memory_used_mib = 512});
  for (std::uint64_t i = 0; i < 2; ++i) {
    samples[i].position = {kStream, i + 1};
    samples[i].time = FromUnixMillis(1'764'000'000'000 + 1000 * i);
    samples[i].since_boot = std::chrono::milliseconds(60'000 + 1000 * i);
    samples[i].readings = {{0, 48.0 + 0.5 * static_cast<double>(i)}};
  }
  const std::vector<Series> names = {{"temp", {{"zone", "cpu"}}}};
  CHECK(Hex(writer.Encode(samples, names)) ==
        "45464F5554424F580100010003000000"
        "EFCDAB896745230100000000000000000000000000000000"
        "00E897B69A01000060EA000000000000000000003402918F"
        "EF52C30A110000000100000049317A58F0BFFB64"
        "00010474656D7001047A6F6E6503637075"
        "EF52C30A23000000020002008BA1D9B12B2563BB"
        "01030404020380C0FED2ADCD01A01F0380D30E01"
        "04DC06010204010100010004800F14");
}

TEST_CASE("a boot id is read as the kernel writes it, and anything else is none") {
  const BootId id = ParseBootId("f1d40a13-0000-4c5e-9a41-00000000000f\n");
  CHECK(id[0] == 0xF1);
  CHECK(id[3] == 0x13);
  CHECK(id[15] == 0x0F);
  for (const auto* text : {"", "f1d40a13", "f1d40a13-0000-4c5e-9a41-00000000000g"}) {
    CHECK(ParseBootId(text) == BootId{});
  }
}

TEST_CASE("names of segments are read strictly") {
  CHECK(SegmentName({0xAB, 17}) == "00000000000000ab-0000000000000011.seg");
  CHECK(ParseSegmentName("00000000000000ab-0000000000000011.seg") == StreamPosition{0xAB, 17});
  for (const auto* name :
       {"", "lost+found", "00000000000000ab-0000000000000011.tmp",
        "00000000000000AB-0000000000000011.seg", "0000000000000000-0000000000000011.seg",
        "00000000000000ab-0000000000000000.seg", "00000000000000ab_0000000000000011.seg",
        "x0000000000000ab-0000000000000011.seg", "00000000000000ab-000000000000011.seg"}) {
    CAPTURE(name);
    CHECK_FALSE(ParseSegmentName(name));
  }
}

TEST_CASE("what a newer program wrote is not touched") {
  std::string bytes = Segment(2);
  bytes[8] = 2;  // The version.
  const std::uint32_t crc = Crc32c(std::string_view(bytes).substr(0, kSegmentHeaderSize - 4));
  for (std::size_t i = 0; i < 4; ++i) {
    bytes[kSegmentHeaderSize - 4 + i] = static_cast<char>(crc >> (8 * i));
  }
  SegmentReader reader(bytes, kFirst);
  CHECK(reader.newer());
  CHECK_FALSE(reader.Next());
  CHECK(reader.damage().bytes == 0);
}

TEST_CASE("any flipped bit costs one record, and the others come back") {
  const std::string whole = Segment(4);
  std::mt19937_64 random(11);
  for (int trial = 0; trial < 2000; ++trial) {
    std::string bytes = whole;
    const std::size_t bit = 8 * kSegmentHeaderSize + random() % (8 * (bytes.size() - 64));
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    CAPTURE(bit);
    const Found found = ReadAll(bytes);
    CHECK(found.damage.records == 1);
    const bool in_dictionary = found.samples.size() == 20;
    CHECK(found.samples.size() >= 15);
    if (!in_dictionary) CHECK(CountKnown(found) == 15);
  }
}

TEST_CASE("a segment that is cut off anywhere keeps the records before the cut") {
  const std::string whole = Segment(4);
  std::vector<std::size_t> ends;
  for (int groups = 0; groups <= 4; ++groups) ends.push_back(Segment(groups).size());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    const Found found = ReadAll(std::string_view(whole).substr(0, size));
    std::size_t groups = 0;
    while (groups < 4 && ends[groups + 1] <= size) ++groups;
    CHECK(found.samples.size() == 5 * groups);
    CHECK(CountKnown(found) == 5 * groups);
  }
}

TEST_CASE("records are found again behind bytes that are missing, doubled or foreign") {
  const std::string first = Segment(1);
  const std::string whole = Segment(3);
  const std::string rest = whole.substr(first.size());
  CHECK(ReadAll(first.substr(0, first.size() - 9) + rest).samples.size() == 10);
  CHECK(ReadAll(first + std::string(5000, '\0') + rest).samples.size() == 15);
  CHECK(ReadAll(first + std::string(kRecordMagic) + rest).samples.size() == 15);
  CHECK(ReadAll(whole + std::string(4096, '\0')).damage.bytes == 4096);
}

TEST_CASE("a damaged record whose header is whole says how many samples it held") {
  std::string bytes = Segment(2);
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  const Damage damage = ReadAll(bytes).damage;
  CHECK(damage.samples == 5);
  CHECK(damage.records == 1);
}

TEST_CASE("a record of another stream is not taken for one of this segment") {
  SegmentWriter other({.stream = kStream + 1});
  auto samples = Samples(1, 5);
  for (Sample& sample : samples) ++sample.position.stream;
  const std::string foreign = other.Encode(samples, Names(3)).substr(kSegmentHeaderSize);
  CHECK(ReadAll(Segment(1) + foreign).samples.size() == 5);
}

TEST_CASE("random bytes are never taken for samples") {
  std::mt19937_64 random(3);
  for (int trial = 0; trial < 2000; ++trial) {
    std::string bytes(random() % 300, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    const auto found = ReadAll(bytes);
    CHECK(found.samples.empty());
    CHECK(found.damage.bytes == bytes.size());
  }
}

TEST_CASE("payloads that lie about sizes are refused") {
  std::mt19937_64 random(5);
  for (int trial = 0; trial < 20'000; ++trial) {
    std::string payload(random() % 60, '\0');
    for (char& byte : payload)
      byte = static_cast<char>(random() % 4 == 0 ? random() : random() % 8);
    std::string bytes = EncodeSegmentHeader({.stream = kStream});
    const auto type = random() % 2 == 0 ? RecordType::kDictionary : RecordType::kSamples;
    AppendRecord({.type = type, .samples = static_cast<std::uint16_t>(random() % 6)}, kStream,
                 payload, bytes);
    SegmentReader reader(bytes, kFirst);
    while (const auto record = reader.Next()) {
      const auto samples = reader.Decode(*record);
      if (samples) CHECK(samples->size() == record->numbers.sequences.size());
    }
    CHECK(reader.damage().records <= 1);
  }
}

}  // namespace
}  // namespace edgefeed
