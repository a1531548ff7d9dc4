#include "common/columns/sample_chain.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "common/columns/number_track.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

const WallTime kStart{1'764'000'000'000ms};

Sample MakeSample(std::chrono::milliseconds time, double cpu_usage,
                  const std::vector<double>& readings) {
  Sample sample{.time = kStart + time,
                .since_boot = 1h + time,
                .cpu_usage_percent = cpu_usage,
                .memory_used_mib = 100.25,
                .readings = {}};
  for (const double value : readings) {
    sample.readings.push_back({static_cast<SeriesId>(3 * sample.readings.size()), value});
  }
  return sample;
}

// All but the first of a chain.
std::string Encoded(const std::vector<Sample>& samples) {
  std::string bytes;
  BitWriter bits(bytes);
  SampleChain chain(samples.front());
  for (std::size_t i = 1; i < samples.size(); ++i) {
    REQUIRE(chain.Fits(samples[i]));
    chain.Put(samples[i], bits);
  }
  bits.Finish();
  return bytes;
}

std::uint64_t Bits(double value) { return std::bit_cast<std::uint64_t>(value); }

void CheckSame(const Sample& a, const Sample& b) {
  CHECK(a.time == b.time);
  CHECK(a.since_boot == b.since_boot);
  CHECK(Bits(a.cpu_usage_percent) == Bits(b.cpu_usage_percent));
  CHECK(Bits(a.memory_used_mib) == Bits(b.memory_used_mib));
  REQUIRE(a.readings.size() == b.readings.size());
  for (std::size_t i = 0; i < a.readings.size(); ++i) {
    CHECK(a.readings[i].series == b.readings[i].series);
    CHECK(Bits(a.readings[i].value) == Bits(b.readings[i].value));
  }
}

void CheckComesBack(const std::vector<Sample>& samples) {
  const std::string bytes = Encoded(samples);
  BitReader bits(bytes);
  SampleChain chain(samples.front());
  for (std::size_t i = 1; i < samples.size(); ++i) {
    CAPTURE(i);
    CheckSame(chain.Take(bits), samples[i]);
  }
  CHECK(bits.ok());
  CHECK(bits.bytes_taken() == bytes.size());
}

TEST_CASE("samples come back, whatever their values do") {
  const double infinity = std::numeric_limits<double>::infinity();
  std::vector<Sample> samples;
  const std::vector<double> odd = {0,
                                   -0.0,
                                   1e300,
                                   0.1,
                                   21.5,
                                   21.55,
                                   4096,
                                   7,
                                   infinity,
                                   1e15,
                                   -1.0,
                                   0.1,
                                   5e-324,
                                   std::nan(""),
                                   9007199254740992.0,
                                   -9007199254740992.0,
                                   3,
                                   1.0 / 1024};
  for (std::size_t i = 0; i < 3 * odd.size(); ++i) {
    const double one = odd[i % odd.size()];
    const double other = odd[7 * i % odd.size()];
    samples.push_back(MakeSample(i * 1000ms, one, {other, 5, static_cast<double>(i)}));
  }
  CheckComesBack(samples);
}

TEST_CASE("times may jump, and boots change") {
  std::vector<Sample> samples;
  for (const auto time : {0ms, 1000ms, 2000ms, 2000ms, -1'764'000'000'000ms, 5000ms,
                          std::chrono::milliseconds(std::int64_t{1} << 57U)}) {
    samples.push_back(MakeSample(time, 1, {2}));
  }
  samples.push_back(MakeSample(7000ms, 1, {2}));
  samples.back().since_boot = 3ms;
  CheckComesBack(samples);
  for (Sample& sample : samples) sample.since_boot.reset();
  CheckComesBack(samples);
}

TEST_CASE("random walks of every unit come back") {
  std::mt19937_64 random(5);
  for (int round = 0; round < 200; ++round) {
    std::vector<Sample> samples;
    std::vector<double> values(random() % 12);
    std::vector<double> steps(values.size());
    for (double& step : steps) step = std::pow(10, static_cast<double>(random() % 12) - 4);
    for (int i = 0; i < 60; ++i) {
      for (std::size_t k = 0; k < values.size(); ++k) {
        const auto by = static_cast<double>(random() % 9) - 4;
        values[k] = std::round((values[k] + by * steps[k]) * 1e4) / 1e4;
      }
      samples.push_back(MakeSample(i * 1000ms + std::chrono::milliseconds(random() % 3),
                                   static_cast<double>(random() % 100) / 4, values));
    }
    CheckComesBack(samples);
  }
}

TEST_CASE("what stands still takes a bit a value, steady growth not much more") {
  std::vector<Sample> samples;
  samples.reserve(101);
  for (int i = 0; i < 101; ++i) {
    samples.push_back(MakeSample(i * 1000ms, 50, {1, 2, 3, 1e9 + 1500.0 * i}));
  }
  CHECK(Encoded(samples).size() <= 100 * 8 / 8 + 60);
}

TEST_CASE("another series, or a boot that is no longer known, does not fit") {
  const Sample first = MakeSample(0ms, 1, {1, 2});
  const SampleChain chain(first);
  CHECK(chain.Fits(MakeSample(9ms, 7, {8, 9})));
  CHECK_FALSE(chain.Fits(MakeSample(9ms, 7, {8})));
  CHECK_FALSE(chain.Fits(MakeSample(9ms, 7, {8, 9, 10})));
  Sample other = first;
  other.readings[1].series = 4;
  CHECK_FALSE(chain.Fits(other));
  other = first;
  other.since_boot.reset();
  CHECK_FALSE(chain.Fits(other));
}

TEST_CASE("damaged bits of any time are times whose sums and differences are times") {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  constexpr std::chrono::milliseconds kFar{std::int64_t{1} << 61U};
  const Sample first = MakeSample(0ms, 1, {});
  std::string bytes;
  BitWriter writer(bytes);
  NumberTrack time(first.time.time_since_epoch().count());
  NumberTrack boot_time((first.time - *first.since_boot).time_since_epoch().count());
  time.Put(kMost, writer);
  boot_time.Put(-kMost, writer);
  writer.Finish();
  BitReader bits(bytes);
  SampleChain chain(first);
  const Sample& damaged = chain.Take(bits);
  CHECK(damaged.since_boot > 1ms);
  CHECK(damaged.since_boot <= kFar);
}

TEST_CASE("any bits are samples, until they end") {
  std::mt19937_64 random(6);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random() % 200, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random() % 3 == 0 ? 0xFF : random());
    BitReader bits(bytes);
    SampleChain chain(MakeSample(0ms, 1, {1, std::nan(""), 0.1}));
    for (int i = 0; i < 400; ++i) CHECK(chain.Take(bits).readings.size() == 3);
    CHECK_FALSE(bits.ok());
  }
}

}  // namespace
}  // namespace edgefeed
