#include "common/columns/sample_columns.h"

#include <doctest/doctest.h>

#include <random>
#include <utility>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

const std::vector<std::uint32_t> kSameNumbers = {0, 1, 2, 3, 4, 5, 6, 7};
const std::vector<std::optional<SeriesId>> kSameSeries = {0, 1, 2, 3, 4, 5, 6, 7};

Sample MakeSample(int number, std::vector<Reading> readings) {
  Sample sample;
  sample.time = WallTime(1'764'000'000'000ms + std::chrono::milliseconds(1000 * number));
  sample.since_boot = std::chrono::milliseconds(5000 + 1000 * number);
  sample.cpu_usage_percent = 12.25 + number;
  sample.memory_used_mib = 512.5;
  sample.readings = std::move(readings);
  return sample;
}

std::string Encode(const std::vector<Sample>& samples,
                   const std::vector<std::uint32_t>& numbers = kSameNumbers) {
  std::vector<const Sample*> pointers;
  pointers.reserve(samples.size());
  for (const Sample& sample : samples) pointers.push_back(&sample);
  std::string bytes;
  EncodeSamples(pointers, numbers, bytes);
  return bytes;
}

void CheckSame(const std::vector<Sample>& a, const std::vector<Sample>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    CHECK(a[i].time == b[i].time);
    CHECK(a[i].since_boot == b[i].since_boot);
    CHECK(a[i].cpu_usage_percent == b[i].cpu_usage_percent);
    CHECK(a[i].memory_used_mib == b[i].memory_used_mib);
    CHECK(a[i].readings == b[i].readings);
  }
}

std::vector<Sample> Decoded(const std::string& bytes) {
  auto decoded = DecodeSamples(bytes, kSameSeries, {});
  REQUIRE(decoded);
  CHECK(decoded->dropped_readings == 0);
  return std::move(decoded->samples);
}

TEST_CASE("samples come back, with readings that only some of them have") {
  std::vector<Sample> samples = {MakeSample(0, {{0, 1.5}, {2, 7}}),
                                 MakeSample(1, {{0, 2.5}, {1, -3}, {2, 7}}), MakeSample(2, {}),
                                 MakeSample(3, {{2, 8}, {7, 1e-3}})};
  samples[2].since_boot.reset();
  CheckSame(Decoded(Encode(samples)), samples);
  CheckSame(Decoded(Encode({samples[0]})), {samples[0]});
  CheckSame(Decoded(Encode({samples[2]})), {samples[2]});
}

TEST_CASE("a series is written under the reader's number and read back as the reader's series") {
  const std::vector<Sample> samples = {MakeSample(0, {{0, 1}, {1, 2}})};
  const std::string bytes = Encode(samples, {3, 1});
  auto decoded = DecodeSamples(bytes, std::vector<std::optional<SeriesId>>{9, 8, 7, 6}, {});
  REQUIRE(decoded);
  CHECK(decoded->samples[0].readings == std::vector<Reading>{{8, 2}, {6, 1}});
}

TEST_CASE("readings of series that the reader does not want are left out and counted") {
  const std::vector<Sample> samples = {MakeSample(0, {{0, 1}, {1, 2}}), MakeSample(1, {{1, 3}})};
  auto decoded =
      DecodeSamples(Encode(samples), std::vector<std::optional<SeriesId>>{0, std::nullopt}, {});
  REQUIRE(decoded);
  CHECK(decoded->dropped_readings == 2);
  CHECK(decoded->samples[0].readings == std::vector<Reading>{{0, 1}});
  CHECK(decoded->samples[1].readings.empty());
}

TEST_CASE("a series that stands twice in a sample is written once") {
  const std::vector<Sample> samples = {MakeSample(0, {{1, 1}, {0, 5}, {1, 2}})};
  CHECK(Decoded(Encode(samples))[0].readings == std::vector<Reading>{{0, 5}, {1, 1}});
}

TEST_CASE("samples come back in steps of whole columns, the same as at once") {
  std::vector<Sample> samples = {MakeSample(0, {{0, 1}, {1, 2}, {2, 3}}), MakeSample(1, {{1, 4}}),
                                 MakeSample(2, {{0, 5}, {2, 6}})};
  const std::string bytes = Encode(samples);
  SamplesDecoder decoder(bytes, kSameSeries, {});
  CHECK_FALSE(decoder.Step(1));
  CHECK_FALSE(decoder.Step(3));
  auto decoded = decoder.Step(1);
  REQUIRE(decoded);
  REQUIRE(*decoded);
  CheckSame((*decoded)->samples, samples);

  SamplesDecoder of_two_columns(bytes, kSameSeries, {});
  CHECK_FALSE(of_two_columns.Step(4));
  CHECK(of_two_columns.Step(1000));
}

TEST_CASE("what is wrong with the bytes is said by the step that comes to it") {
  const std::string whole = Encode({MakeSample(0, {{0, 1.5}, {1, 2.5}})});
  const std::string cut = whole.substr(0, whole.size() - 1);
  SamplesDecoder decoder(cut, kSameSeries, {});
  CHECK_FALSE(decoder.Step(1));
  const auto last = decoder.Step(1);
  REQUIRE(last);
  REQUIRE_FALSE(*last);
  CHECK(last->error().code == Code::kDataLoss);
  const auto nothing = SamplesDecoder("", kSameSeries, {}).Step(1);
  REQUIRE(nothing);
  CHECK_FALSE(*nothing);
}

TEST_CASE("more than the limits is refused") {
  std::vector<Sample> samples(10, MakeSample(0, {{0, 1}, {1, 1}}));
  const std::string bytes = Encode(samples);
  CHECK(DecodeSamples(bytes, kSameSeries, {.samples = 10, .readings = 20}));
  CHECK_FALSE(DecodeSamples(bytes, kSameSeries, {.samples = 9, .readings = 20}));
  CHECK_FALSE(DecodeSamples(bytes, kSameSeries, {.samples = 10, .readings = 19}));
  const auto unannounced = DecodeSamples(bytes, {}, {});
  REQUIRE_FALSE(unannounced);
  CHECK(unannounced.error() ==
        Error{Code::kDataLoss, "samples: a series that was never announced"});
}

TEST_CASE("samples that are cut off or changed anywhere never do harm") {
  const std::string whole =
      Encode({MakeSample(0, {{0, 1.5}, {2, 7}}), MakeSample(1, {{0, 2.5}, {1, -3}, {2, 7}})});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK_FALSE(DecodeSamples(std::string_view(whole).substr(0, size), kSameSeries, {}));
  }
  std::mt19937_64 random(3);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = whole;
    for (std::size_t change = 0; change <= random() % 3; ++change) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    const auto decoded = DecodeSamples(bytes, kSameSeries, {});
    if (decoded) CHECK(decoded->samples.size() <= SampleColumnLimits{}.samples);
  }
}

}  // namespace
}  // namespace edgefeed
