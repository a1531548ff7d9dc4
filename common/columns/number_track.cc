#include "common/columns/number_track.h"

#include <algorithm>
#include <utility>

#include "common/base/varint.h"

namespace edgefeed {
namespace {

// How many numbers back the average goes, about; a power of two.
constexpr unsigned kScaleBits = 4;
constexpr std::int64_t kGrowthScale = 1 << kScaleBits;
// Keeps sums far from overflow.
constexpr std::int64_t kMost = std::int64_t{1} << 50U;
// Of the first residual nothing is known.
constexpr RiceShape kUnknownShape{.low_bits = 8, .zero_flag = true};

// Damaged bits may be any numbers.
std::int64_t Sum(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
std::int64_t Difference(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

std::uint64_t Distance(std::int64_t a, std::int64_t b) {
  const auto most = static_cast<std::uint64_t>(kMost);
  return std::min(ZigZag(Difference(a, b)) / 2, most);
}

void Average(std::uint64_t number, std::uint64_t& average) {
  average = average - (average >> kScaleBits) + number;
}

}  // namespace

void NumberTrack::Put(std::int64_t next, BitWriter& out) {
  const std::uint64_t residual = ZigZag(Difference(next, Expected()));
  PutRice(residual, Shape(), out);
  Learn(next, residual);
}

std::optional<std::int64_t> NumberTrack::Take(BitReader& bits) {
  const auto residual = TakeRice(Shape(), bits);
  if (!residual) return std::nullopt;
  Learn(Sum(Expected(), UnZigZag(*residual)), *residual);
  return last_;
}

RiceShape NumberTrack::Shape() const { return has_growth_ ? adapter_.shape() : kUnknownShape; }

std::int64_t NumberTrack::Grown() const {
  return Sum(last_, (growth_ + kGrowthScale / 2) >> kScaleBits);
}

// What stands still most of the time misses nothing then: in doubt that is shorter.
std::int64_t NumberTrack::Expected() const {
  return grown_misses_ <= still_misses_ / 4 * 3 ? Grown() : last_;
}

// The first growth is the average; one far off changes it little.
void NumberTrack::Learn(std::int64_t next, std::uint64_t residual) {
  const std::uint64_t still_missed = Distance(next, last_);
  const std::uint64_t grown_missed = Distance(next, Grown());
  const std::int64_t growth =
      std::clamp(Difference(next, std::exchange(last_, next)), -kMost, kMost);
  if (!std::exchange(has_growth_, true)) {
    growth_ = growth * kGrowthScale;
    return;
  }
  Average(still_missed, still_misses_);
  Average(grown_missed, grown_misses_);
  const auto most = static_cast<std::int64_t>(adapter_.mean()) + kGrowthScale;
  growth_ += std::clamp(growth - (growth_ >> kScaleBits), -most, most);
  adapter_.Learn(residual);
}

}  // namespace edgefeed
