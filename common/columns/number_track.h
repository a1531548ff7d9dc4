#pragma once

#include <cstdint>
#include <optional>

#include "common/columns/bit_string.h"
#include "common/columns/rice.h"

namespace edgefeed {

// Integers that follow each other, each as how far it is from what was to be expected: the last
// one, or the last one and as much as they grow on average, whichever has come closer. A reader
// goes the same way with a track of its own.
class NumberTrack {
 public:
  // Begins behind this number. Precondition: within ±2^60, as all others.
  explicit NumberTrack(std::int64_t first = 0) : last_(first) {}

  [[nodiscard]] std::int64_t last() const { return last_; }
  void Put(std::int64_t next, BitWriter& out);
  // In place of a number: something else follows.
  void PutEscape(BitWriter& out) const { PutRiceEscape(Shape(), out); }
  // Nothing for an escape, and perhaps for bits that nobody has written.
  std::optional<std::int64_t> Take(BitReader& bits);

 private:
  [[nodiscard]] RiceShape Shape() const;
  [[nodiscard]] std::int64_t Grown() const;
  [[nodiscard]] std::int64_t Expected() const;
  void Learn(std::int64_t next, std::uint64_t residual);

  std::int64_t last_;
  std::int64_t growth_ = 0;         // On average, times 16.
  std::uint64_t still_misses_ = 0;  // By how much last_ missed the next one, likewise …
  std::uint64_t grown_misses_ = 0;  // … and last_ with the growth.
  RiceAdapter adapter_;
  bool has_growth_ = false;
};

}  // namespace edgefeed
