#include "common/columns/rice.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

namespace edgefeed {
namespace {

std::string Packed(const std::vector<std::uint64_t>& numbers, const RiceShape& shape) {
  std::string bytes;
  BitWriter bits(bytes);
  for (const std::uint64_t number : numbers) PutRice(number, shape, bits);
  bits.Finish();
  return bytes;
}

TEST_CASE("the bits are those of the example in FORMAT.md") {
  CHECK(Packed({9}, {.low_bits = 2, .zero_flag = true}) == "\x07");
}

TEST_CASE("numbers come back in every shape, also those that it does not suit") {
  const std::vector<std::uint64_t> numbers = {0,    1,  2,          12,          13,
                                              4095, 77, 1ULL << 32, 1ULL << 47U, kMaxRiceNumber};
  for (unsigned low_bits = 0; low_bits <= kMaxRiceLowBits; ++low_bits) {
    for (const bool zero_flag : {false, true}) {
      CAPTURE(low_bits);
      CAPTURE(zero_flag);
      const RiceShape shape{.low_bits = low_bits, .zero_flag = zero_flag};
      const std::string bytes = Packed(numbers, shape);
      BitReader bits(bytes);
      for (const std::uint64_t number : numbers) CHECK(TakeRice(shape, bits) == number);
      CHECK(bits.ok());
      CHECK(bits.bytes_taken() == bytes.size());
    }
  }
}

TEST_CASE("an escape is no number, and what follows it can be read") {
  for (const bool zero_flag : {false, true}) {
    const RiceShape shape{.low_bits = 3, .zero_flag = zero_flag};
    std::string bytes;
    BitWriter out(bytes);
    PutRice(5, shape, out);
    PutRiceEscape(shape, out);
    out.Put(9, 4);
    out.Finish();
    BitReader bits(bytes);
    CHECK(TakeRice(shape, bits) == 5);
    CHECK_FALSE(TakeRice(shape, bits));
    CHECK(bits.Take(4) == 9);
  }
}

TEST_CASE("the shape that is chosen is no longer than any other by more than a tenth") {
  std::mt19937_64 random(3);
  for (int round = 0; round < 100; ++round) {
    std::vector<std::uint64_t> numbers(50);
    const std::uint64_t range = (std::uint64_t{1} << random() % 40) + 1;
    const auto zeros = random() % 4;
    for (auto& number : numbers) number = random() % 4 < zeros ? 0 : random() % range;
    const RiceFit fit = FitRice(numbers);
    const std::size_t size = Packed(numbers, fit.shape).size();
    CHECK(size == (fit.bits + 7) / 8);
    for (unsigned low_bits = 0; low_bits <= 40; ++low_bits) {
      for (const bool zero_flag : {false, true}) {
        const RiceShape other{.low_bits = low_bits, .zero_flag = zero_flag};
        CHECK(10 * size <= 11 * Packed(numbers, other).size() + 10);
      }
    }
  }
}

TEST_CASE("an adapter learns how large numbers are, and how often they are 0") {
  RiceAdapter adapter;
  for (int i = 0; i < 100; ++i) adapter.Learn(1000);
  CHECK(adapter.shape() == RiceShape{.low_bits = 9, .zero_flag = false});
  for (int i = 0; i < 1000; ++i) adapter.Learn(i % 2 == 0 ? 0 : 3);
  CHECK(adapter.shape() == RiceShape{.low_bits = 1, .zero_flag = true});
  adapter.Learn(kMaxRiceNumber);
  CHECK(adapter.shape().low_bits <= kMaxRiceLowBits);
}

TEST_CASE("any bits are numbers or none, and reading them ends") {
  std::mt19937_64 random(4);
  for (int round = 0; round < 5000; ++round) {
    std::string bytes(random() % 20, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random() % 3 == 0 ? 0xFF : random());
    const RiceShape shape{.low_bits = static_cast<unsigned>(random() % 48),
                          .zero_flag = random() % 2 == 0};
    BitReader bits(bytes);
    for (int i = 0; i < 100; ++i) {
      const auto number = TakeRice(shape, bits);
      if (number) CHECK(*number <= 2 * kMaxRiceNumber);
    }
    CHECK_FALSE(bits.ok());
  }
}

}  // namespace
}  // namespace edgefeed
