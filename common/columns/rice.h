#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "common/columns/bit_string.h"

// Rice codes: numbers that are about as large as each other, in about as many bits as they have.
// FORMAT.md has the bits.
namespace edgefeed {

struct RiceShape {
  unsigned low_bits = 0;   // So many are written as they are, those above in unary.
  bool zero_flag = false;  // A bit of its own says whether it is 0: for when that is frequent.
  friend bool operator==(const RiceShape&, const RiceShape&) = default;
};
constexpr unsigned kMaxRiceLowBits = 47;
constexpr std::uint64_t kMaxRiceNumber = std::uint64_t{1} << 62U;

// The shape in which these take the fewest bits, or nearly so, and how many.
struct RiceFit {
  RiceShape shape;
  std::uint64_t bits = 0;
};
RiceFit FitRice(std::span<const std::uint64_t> numbers);

// Precondition: at most kMaxRiceNumber.
void PutRice(std::uint64_t number, const RiceShape& shape, BitWriter& out);
// In place of a number: something else follows.
void PutRiceEscape(const RiceShape& shape, BitWriter& out);
// Nothing for an escape and for what is no such code.
std::optional<std::uint64_t> TakeRice(const RiceShape& shape, BitReader& bits);

// Learns the shape from the numbers before: writer and reader come to the same.
class RiceAdapter {
 public:
  [[nodiscard]] RiceShape shape() const;
  // Of the numbers that are not 0.
  [[nodiscard]] std::uint64_t mean() const;
  void Learn(std::uint64_t number);

 private:
  std::uint64_t mean_ = 0;     // Of those that are not 0, times kScale; 0: none yet.
  std::uint32_t zeros_ = 0;    // Their share, times kWhole.
  std::uint8_t numbers_ = 0;   // At most kMemory.
  std::uint8_t nonzeros_ = 0;  // Of these; likewise.
};

}  // namespace edgefeed
