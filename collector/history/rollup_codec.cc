#include "collector/history/rollup_codec.h"

#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "common/base/sizes.h"
#include "common/base/varint.h"
#include "common/columns/sample_columns.h"

namespace edgefeed {
namespace {

constexpr std::size_t kMaxRollupBytes = std::size_t{1} << 30;
// An hour's minutes, or a day's hours.
constexpr SampleColumnLimits kRollupLimits{.samples = 1'000, .readings = 10'000'000};

// Each of a bucket's numbers is a sample of its own, so that the columns of samples serve here too.
enum Part : std::size_t { kMin, kMax, kSum, kCount, kLast, kParts };
using Parts = std::array<std::vector<Sample>, kParts>;

// A sum of decimals, which is a decimal but for the last bits: with them a column takes five times
// the room.
double WithoutNoise(double sum) {
  constexpr double kUnit = 1e6;
  const double rounded = std::round(sum * kUnit) / kUnit;
  return std::abs(rounded - sum) <= 1e-12 * std::abs(sum) ? rounded : sum;
}

std::array<double, kParts> Values(const HistoryBucket& bucket) {
  return {bucket.min, bucket.max, WithoutNoise(bucket.sum), static_cast<double>(bucket.count),
          bucket.last};
}

Parts ToParts(const OutputBuckets& outputs) {
  Parts parts;
  const auto& rows = outputs[kCpuOutput];
  for (std::size_t part = 0; part < kParts; ++part) {
    parts[part].resize(rows.size());
    for (std::size_t row = 0; row < rows.size(); ++row) {
      parts[part][row].time = rows[row].time;
      parts[part][row].cpu_usage_percent = Values(rows[row])[part];
      parts[part][row].memory_used_mib = Values(outputs[kMemoryOutput][row])[part];
    }
  }
  for (std::size_t output = kFirstNumber; output < outputs.size(); ++output) {
    std::size_t row = 0;
    for (const HistoryBucket& bucket : outputs[output]) {
      while (rows[row].time < bucket.time) ++row;
      const auto values = Values(bucket);
      const auto number = static_cast<SeriesId>(output - kFirstNumber);
      for (std::size_t part = 0; part < kParts; ++part) {
        parts[part][row].readings.push_back({number, values[part]});
      }
    }
  }
  return parts;
}

Result<Parts> DecodeParts(std::string_view columns, const SeriesMatch& match) {
  Parts parts;
  for (auto& part : parts) {
    const auto size = TakeVarint(columns);
    if (!size || *size > columns.size()) return Error{Code::kDataLoss, "a rollup is cut off"};
    auto decoded = DecodeSamples(columns.substr(0, ToSize(*size)), match.output_of, kRollupLimits);
    if (!decoded) return decoded.error();
    columns.remove_prefix(ToSize(*size));
    part = std::move(decoded->samples);
    if (part.size() != parts[kMin].size()) {
      return Error{Code::kDataLoss, "a rollup's parts differ"};
    }
  }
  return parts;
}

// Damaged bytes may be any number.
std::uint64_t CountFrom(double number) {
  constexpr double kMost = 0x1p53;
  return number >= 0 && number <= kMost ? static_cast<std::uint64_t>(number) : 0;
}

template <typename Value>
HistoryBucket BucketOf(const Parts& parts, std::size_t row, Value value) {
  return {.time = parts[kMin][row].time,
          .min = value(parts[kMin][row]),
          .max = value(parts[kMax][row]),
          .sum = value(parts[kSum][row]),
          .count = CountFrom(value(parts[kCount][row])),
          .last = value(parts[kLast][row])};
}

bool SameReadings(const Parts& parts, std::size_t row) {
  return std::ranges::all_of(parts, [&](const std::vector<Sample>& part) {
    return std::ranges::equal(part[row].readings, parts[kMin][row].readings, {}, &Reading::series,
                              &Reading::series);
  });
}

}  // namespace

std::string RollupCodec::Encode(const OutputBuckets& outputs) {
  std::vector<std::uint32_t> numbers(outputs.size() - kFirstNumber);
  std::iota(numbers.begin(), numbers.end(), 0U);
  columns_.clear();
  std::string part_columns;
  for (const std::vector<Sample>& part : ToParts(outputs)) {
    std::vector<const Sample*> samples;
    samples.reserve(part.size());
    for (const Sample& sample : part) samples.push_back(&sample);
    part_columns.clear();
    EncodeSamples(samples, numbers, part_columns);
    PutVarint(part_columns.size(), columns_);
    columns_ += part_columns;
  }
  std::string data;
  compression_.Compress(columns_, data);
  return data;
}

Status RollupCodec::Decode(std::string_view data, const SeriesMatch& match, WallTime from,
                           WallTime to, OutputBuckets& outputs) {
  if (Status unpacked = compression_.Decompress(data, kMaxRollupBytes, columns_); !unpacked) {
    return unpacked;
  }
  const auto parts = DecodeParts(columns_, match);
  if (!parts) return parts.error();
  outputs.resize(match.outputs);
  for (std::size_t row = 0; row < (*parts)[kMin].size(); ++row) {
    const WallTime time = (*parts)[kMin][row].time;
    if (time < from || time >= to) continue;
    if (!SameReadings(*parts, row)) return Error{Code::kDataLoss, "a rollup's parts differ"};
    const auto add = [&](std::size_t output, auto value) {
      outputs[output].push_back(BucketOf(*parts, row, value));
    };
    if (match.cpu_usage) {
      add(*match.cpu_usage, [](const Sample& sample) { return sample.cpu_usage_percent; });
    }
    if (match.memory_mb) {
      add(*match.memory_mb, [](const Sample& sample) { return sample.memory_used_mib; });
    }
    const auto& readings = (*parts)[kMin][row].readings;
    for (std::size_t i = 0; i < readings.size(); ++i) {
      add(readings[i].series, [i](const Sample& sample) { return sample.readings[i].value; });
    }
  }
  return {};
}

}  // namespace edgefeed
