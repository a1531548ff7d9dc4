#pragma once

#include <cstdint>
#include <vector>

#include "common/columns/bit_string.h"
#include "common/columns/number_track.h"
#include "common/model/sample.h"

namespace edgefeed {

// The samples of one device in the order in which they came, each as its differences from the one
// before: what a value takes is learnt from the values before it. For where samples must be written
// one by one; columns of many are smaller and need nothing else. A reader goes the same way with a
// chain of its own. Takes about 80 bytes a value. FORMAT.md has the bits.
class SampleChain {
 public:
  // Begins behind this sample. Precondition: its readings are in order of their series, which
  // writer and reader know by the same ids.
  explicit SampleChain(const Sample& first);

  // Whether `next` can follow: it has the same series.
  [[nodiscard]] bool Fits(const Sample& next) const;
  // Preconditions: it fits; its times are within ±2^58 ms.
  void Put(const Sample& next, BitWriter& out);
  // The next sample, without its position. Any bits give one: whether there were enough of them,
  // `bits` knows.
  const Sample& Take(BitReader& bits);

 private:
  // The values of one series, as integers of a unit, or each as its bits.
  struct Values {
    unsigned unit = 0;
    NumberTrack track;
  };
  static Values Begin(double value);
  static void PutValue(double value, Values& values, BitWriter& out);
  static void PutInNewUnit(double value, Values& values, BitWriter& out);
  static double TakeValue(Values& values, BitReader& bits);
  static double TakeInNewUnit(Values& values, BitReader& bits);

  Sample last_;  // A reader's; of a writer's only which series it has.
  NumberTrack times_;
  NumberTrack boot_times_;
  Values cpu_usage_;
  Values memory_used_;
  std::vector<Values> readings_;
};

}  // namespace edgefeed
