// common/columns: samples as columns, and single columns. What is decoded, encoded and decoded
// again is the same, bit by bit.
#include <bit>
#include <numeric>
#include <vector>

#include "common/columns/column.h"
#include "common/columns/sample_columns.h"
#include "tests/fuzz/input.h"

namespace edgefeed {
namespace {

constexpr std::size_t kMostValues = 256;
constexpr std::int64_t kMostInteger = std::int64_t{1} << 59U;

std::uint64_t Bits(double value) { return std::bit_cast<std::uint64_t>(value); }

bool SameBits(const std::vector<double>& a, const std::vector<double>& b) {
  return std::ranges::equal(a, b, {}, Bits, Bits);
}

void TryColumn(std::string_view bytes, std::size_t count) {
  std::vector<double> values;
  if (!DecodeColumn(bytes, count, values)) return;
  Promise(values.size() == count, "a column has as many values as were asked for");
  std::string encoded;
  EncodeColumn(values, encoded);
  std::string_view again = encoded;
  std::vector<double> back;
  Promise(DecodeColumn(again, count, back).ok() && again.empty(), "an encoded column is read");
  Promise(SameBits(back, values), "a column comes back");
}

void TryIntegers(std::string_view bytes, std::size_t count) {
  std::vector<std::int64_t> values;
  if (!DecodeIntegers(bytes, count, values)) return;
  Promise(values.size() == count, "a column has as many integers as were asked for");
  for (const std::int64_t value : values) {
    if (value > kMostInteger || value < -kMostInteger) return;
  }
  std::string encoded;
  EncodeIntegers(values, encoded);
  std::string_view again = encoded;
  std::vector<std::int64_t> back;
  Promise(DecodeIntegers(again, count, back).ok() && again.empty(), "encoded integers are read");
  Promise(back == values, "integers come back");
}

bool SameReadings(const Sample& a, const Sample& b) {
  return std::ranges::equal(a.readings, b.readings, [](const Reading& x, const Reading& y) {
    return x.series == y.series && Bits(x.value) == Bits(y.value);
  });
}

bool Same(const Sample& a, const Sample& b) {
  return a.time == b.time && a.since_boot == b.since_boot &&
         Bits(a.cpu_usage_percent) == Bits(b.cpu_usage_percent) &&
         Bits(a.memory_used_mib) == Bits(b.memory_used_mib) && SameReadings(a, b);
}

// Whether EncodeSamples may be given them.
bool AreEncodable(const std::vector<Sample>& samples) {
  return std::ranges::all_of(samples, [](const Sample& sample) {
    const std::int64_t time = sample.time.time_since_epoch().count();
    return time <= kMostInteger / 4 && time >= -kMostInteger / 4 &&
           sample.since_boot.value_or(std::chrono::milliseconds(0)).count() <= kMostInteger / 4 &&
           std::ranges::all_of(sample.readings,
                               [](const Reading& reading) { return reading.series < 4096; });
  });
}

void TrySamples(std::string_view bytes) {
  const SampleColumnLimits limits;
  const auto samples = DecodeSamples(bytes, limits);
  if (!samples) return;
  std::size_t readings = 0;
  for (const Sample& sample : *samples) readings += sample.readings.size();
  Promise(samples->size() <= limits.samples && readings <= limits.readings,
          "no more samples than are allowed");
  if (!AreEncodable(*samples)) return;
  std::vector<std::uint32_t> numbers(4096);
  std::iota(numbers.begin(), numbers.end(), 0U);
  std::vector<const Sample*> pointers;
  for (const Sample& sample : *samples) pointers.push_back(&sample);
  std::string encoded;
  EncodeSamples(pointers, numbers, encoded);
  const auto back = DecodeSamples(encoded, limits);
  Promise(back && std::ranges::equal(*samples, *back, Same), "samples come back");
}

}  // namespace
}  // namespace edgefeed

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  edgefeed::FuzzInput input(data, size);
  const std::size_t count = input.Byte() % (edgefeed::kMostValues + 1);
  edgefeed::TryColumn(input.rest(), count);
  edgefeed::TryIntegers(input.rest(), count);
  edgefeed::TrySamples(input.rest());
  return 0;
}
