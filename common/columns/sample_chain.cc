#include "common/columns/sample_chain.h"

#include <algorithm>
#include <bit>

#include "common/base/varint.h"
#include "common/columns/unit.h"

namespace edgefeed {
namespace {

// In place of a unit: no integer of any unit is the value.
constexpr unsigned kRawUnit = 15;
constexpr unsigned kUnitBits = 4;
// Of a number of which nothing is known.
constexpr RiceShape kFirstValue{.low_bits = 12, .zero_flag = false};

std::int64_t Millis(const Sample& sample) { return sample.time.time_since_epoch().count(); }

std::int64_t BootTime(const Sample& sample) {
  return Millis(sample) - sample.since_boot.value_or(std::chrono::milliseconds(0)).count();
}

// Damaged bits may be any number: sums and differences of two such times are times still.
std::chrono::milliseconds TimeOf(const NumberTrack& track) {
  constexpr std::int64_t kFarthest = std::int64_t{1} << 60U;
  return std::chrono::milliseconds(std::clamp(track.last(), -kFarthest, kFarthest));
}

// The first in which both are integers, else the first in which `value` is.
unsigned UnitOf(double value, std::optional<double> last) {
  std::optional<unsigned> first;
  for (unsigned unit = 0; unit < kUnitCount; ++unit) {
    if (!ToInteger(value, unit)) continue;
    if (!first) first = unit;
    if (!last || ToInteger(*last, unit)) return unit;
  }
  return first.value_or(kRawUnit);
}

}  // namespace

SampleChain::SampleChain(const Sample& first)
    : last_(first),
      times_(Millis(first)),
      boot_times_(BootTime(first)),
      cpu_usage_(Begin(first.cpu_usage_percent)),
      memory_used_(Begin(first.memory_used_mib)) {
  readings_.reserve(first.readings.size());
  for (const Reading& reading : first.readings) readings_.push_back(Begin(reading.value));
}

bool SampleChain::Fits(const Sample& next) const {
  return next.since_boot.has_value() == last_.since_boot.has_value() &&
         std::ranges::equal(next.readings, last_.readings, {}, &Reading::series, &Reading::series);
}

void SampleChain::Put(const Sample& next, BitWriter& out) {
  times_.Put(Millis(next), out);
  if (next.since_boot) boot_times_.Put(BootTime(next), out);
  PutValue(next.cpu_usage_percent, cpu_usage_, out);
  PutValue(next.memory_used_mib, memory_used_, out);
  for (std::size_t i = 0; i < readings_.size(); ++i) {
    PutValue(next.readings[i].value, readings_[i], out);
  }
}

const Sample& SampleChain::Take(BitReader& bits) {
  times_.Take(bits);
  last_.time = WallTime(TimeOf(times_));
  if (last_.since_boot) {
    boot_times_.Take(bits);
    last_.since_boot = last_.time - WallTime(TimeOf(boot_times_));
  }
  last_.cpu_usage_percent = TakeValue(cpu_usage_, bits);
  last_.memory_used_mib = TakeValue(memory_used_, bits);
  for (std::size_t i = 0; i < readings_.size(); ++i) {
    last_.readings[i].value = TakeValue(readings_[i], bits);
  }
  return last_;
}

SampleChain::Values SampleChain::Begin(double value) {
  const unsigned unit = UnitOf(value, std::nullopt);
  const auto integer =
      unit == kRawUnit ? std::bit_cast<std::int64_t>(value) : ToInteger(value, unit).value_or(0);
  return {.unit = unit, .track = NumberTrack(integer)};
}

void SampleChain::PutValue(double value, Values& values, BitWriter& out) {
  if (values.unit == kRawUnit) {
    const auto bits = std::bit_cast<std::int64_t>(value);
    const bool same = bits == values.track.last();
    out.Put(same ? 0 : 1, 1);
    if (!same) out.Put64(static_cast<std::uint64_t>(bits));
    values.track = NumberTrack(bits);
    return;
  }
  const auto integer = ToInteger(value, values.unit);
  if (!integer) return PutInNewUnit(value, values, out);
  values.track.Put(*integer, out);
}

double SampleChain::TakeValue(Values& values, BitReader& bits) {
  if (values.unit == kRawUnit) {
    if (bits.Take(1) == 1) values.track = NumberTrack(static_cast<std::int64_t>(bits.Take64()));
    return std::bit_cast<double>(values.track.last());
  }
  const auto integer = values.track.Take(bits);
  return integer ? FromInteger(*integer, values.unit) : TakeInNewUnit(values, bits);
}

// What was learnt in another unit is of no use.
void SampleChain::PutInNewUnit(double value, Values& values, BitWriter& out) {
  values.track.PutEscape(out);
  const double last = FromInteger(values.track.last(), values.unit);
  values.unit = UnitOf(value, last);
  out.Put(values.unit, kUnitBits);
  if (values.unit == kRawUnit) {
    values.track = NumberTrack(std::bit_cast<std::int64_t>(value));
    out.Put64(std::bit_cast<std::uint64_t>(value));
    return;
  }
  const std::int64_t integer = ToInteger(value, values.unit).value_or(0);
  values.track = NumberTrack(integer);
  PutRice(ZigZag(integer), kFirstValue, out);
}

double SampleChain::TakeInNewUnit(Values& values, BitReader& bits) {
  const auto unit = static_cast<unsigned>(bits.Take(kUnitBits));
  values.unit = unit < kUnitCount ? unit : kRawUnit;
  if (values.unit == kRawUnit) {
    values.track = NumberTrack(static_cast<std::int64_t>(bits.Take64()));
    return std::bit_cast<double>(values.track.last());
  }
  values.track = NumberTrack(UnZigZag(TakeRice(kFirstValue, bits).value_or(0)));
  return FromInteger(values.track.last(), values.unit);
}

}  // namespace edgefeed
