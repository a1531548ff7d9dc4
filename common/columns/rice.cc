#include "common/columns/rice.h"

#include <algorithm>
#include <bit>

namespace edgefeed {
namespace {

// So many ones are not a quotient but an escape.
constexpr unsigned kEscapeOnes = 12;
constexpr unsigned kMaxGammaBits = 62;

constexpr unsigned kScale = 64;
constexpr unsigned kWhole = 1024;
// How many numbers back the adapter looks, about.
constexpr std::uint8_t kMemory = 32;
constexpr unsigned kFrequentZeros = kWhole * 3 / 10;
constexpr RiceShape kNothingLearned{.low_bits = 4, .zero_flag = true};

unsigned Width(std::uint64_t number) { return static_cast<unsigned>(std::bit_width(number)); }

// Of numbers with this mean, if small ones are more frequent.
unsigned BestLowBits(std::uint64_t mean) {
  return std::min(Width(mean * 31 / 64), kMaxRiceLowBits);
}

// Elias' gamma code, of number + 1.
void PutGamma(std::uint64_t number, BitWriter& out) {
  const unsigned rest = Width(number + 1) - 1;
  for (unsigned i = 0; i < rest; ++i) out.Put(0, 1);
  out.Put(1, 1);
  const std::uint64_t bits = (number + 1) & ~(std::uint64_t{1} << rest);
  out.Put(bits & UINT32_MAX, std::min(rest, 32U));
  if (rest > 32) out.Put(bits >> 32U, rest - 32);
}

std::optional<std::uint64_t> TakeGamma(BitReader& bits) {
  unsigned rest = 0;
  while (bits.Take(1) == 0) {
    if (++rest > kMaxGammaBits) return std::nullopt;
  }
  std::uint64_t number = bits.Take(std::min(rest, 32U));
  if (rest > 32) number |= bits.Take(rest - 32) << 32U;
  return (number | std::uint64_t{1} << rest) - 1;
}

unsigned Cost(std::uint64_t number, const RiceShape& shape) {
  if (shape.zero_flag && number-- == 0) return 1;
  const std::uint64_t quotient = number >> shape.low_bits;
  const unsigned high = quotient < kEscapeOnes
                            ? static_cast<unsigned>(quotient) + 1
                            : kEscapeOnes + 2 * Width(quotient - kEscapeOnes + 1);
  return (shape.zero_flag ? 1 : 0) + high + shape.low_bits;
}

std::uint64_t Cost(std::span<const std::uint64_t> numbers, const RiceShape& shape) {
  std::uint64_t bits = 0;
  for (const std::uint64_t number : numbers) bits += Cost(number, shape);
  return bits;
}

// Of what the flag leaves to be written.
std::uint64_t MeanOfWritten(std::span<const std::uint64_t> numbers, bool zero_flag) {
  double sum = 0;
  double count = 0;
  for (const std::uint64_t number : numbers) {
    if (zero_flag && number == 0) continue;
    sum += static_cast<double>(number) - (zero_flag ? 1 : 0);
    ++count;
  }
  return static_cast<std::uint64_t>(sum / std::max(count, 1.0));
}

void PutOnes(unsigned count, BitWriter& out) { out.Put((std::uint64_t{1} << count) - 1, count); }

}  // namespace

RiceFit FitRice(std::span<const std::uint64_t> numbers) {
  RiceFit best{.shape = {}, .bits = UINT64_MAX};
  for (const bool zero_flag : {false, true}) {
    const unsigned middle = BestLowBits(MeanOfWritten(numbers, zero_flag));
    for (unsigned low = middle == 0 ? 0 : middle - 1; low <= middle + 1; ++low) {
      const RiceShape shape{.low_bits = std::min(low, kMaxRiceLowBits), .zero_flag = zero_flag};
      const std::uint64_t bits = Cost(numbers, shape);
      if (bits < best.bits) best = {.shape = shape, .bits = bits};
    }
  }
  return best;
}

void PutRice(std::uint64_t number, const RiceShape& shape, BitWriter& out) {
  if (shape.zero_flag) {
    out.Put(number == 0 ? 0 : 1, 1);
    if (number-- == 0) return;
  }
  const std::uint64_t quotient = number >> shape.low_bits;
  if (quotient < kEscapeOnes) {
    PutOnes(static_cast<unsigned>(quotient), out);
    out.Put(0, 1);
  } else {
    PutOnes(kEscapeOnes, out);
    out.Put(0, 1);
    PutGamma(quotient - kEscapeOnes, out);
  }
  out.Put(number & ((std::uint64_t{1} << shape.low_bits) - 1), shape.low_bits);
}

void PutRiceEscape(const RiceShape& shape, BitWriter& out) {
  PutOnes(kEscapeOnes + 1 + (shape.zero_flag ? 1 : 0), out);
}

std::optional<std::uint64_t> TakeRice(const RiceShape& shape, BitReader& bits) {
  if (shape.zero_flag && bits.Take(1) == 0) return 0;
  std::uint64_t quotient = 0;
  while (quotient < kEscapeOnes && bits.Take(1) == 1) ++quotient;
  if (quotient == kEscapeOnes) {
    if (bits.Take(1) == 1) return std::nullopt;
    const auto more = TakeGamma(bits);
    if (!more || *more >= kMaxRiceNumber >> shape.low_bits) return std::nullopt;
    quotient += *more;
  }
  const std::uint64_t number = quotient << shape.low_bits | bits.Take(shape.low_bits);
  return number + (shape.zero_flag ? 1 : 0);
}

RiceShape RiceAdapter::shape() const {
  if (mean_ == 0) return kNothingLearned;
  return {.low_bits = BestLowBits(mean()), .zero_flag = zeros_ > kFrequentZeros};
}

std::uint64_t RiceAdapter::mean() const { return mean_ / kScale; }

// Averages of all numbers at first, then of about the last kMemory.
void RiceAdapter::Learn(std::uint64_t number) {
  if (numbers_ < kMemory) ++numbers_;
  zeros_ = zeros_ - zeros_ / numbers_ + (number == 0 ? kWhole / numbers_ : 0);
  if (number == 0) return;
  if (nonzeros_ < kMemory) ++nonzeros_;
  const std::uint64_t scaled = std::min(number, std::uint64_t{1} << kMaxRiceLowBits) * kScale;
  mean_ = mean_ - mean_ / nonzeros_ + scaled / nonzeros_;
}

}  // namespace edgefeed
