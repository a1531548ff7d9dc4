#include "common/columns/column.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>

namespace edgefeed {
namespace {

std::string Encoded(const std::vector<double>& values) {
  std::string bytes;
  EncodeColumn(values, bytes);
  return bytes;
}

std::vector<std::uint64_t> Bits(const std::vector<double>& values) {
  std::vector<std::uint64_t> bits;
  bits.reserve(values.size());
  for (const double value : values) bits.push_back(std::bit_cast<std::uint64_t>(value));
  return bits;
}

void CheckComesBack(const std::vector<double>& values) {
  const std::string bytes = Encoded(values);
  std::string_view rest = bytes;
  std::vector<double> decoded;
  REQUIRE(DecodeColumn(rest, values.size(), decoded));
  CHECK(rest.empty());
  CHECK(Bits(decoded) == Bits(values));
}

// A third of the values repeats, as real ones do.
std::vector<double> RandomMultiples(double unit, std::mt19937_64& random) {
  const auto range = std::int64_t{1} << (random() % 40);
  std::uniform_int_distribution<std::int64_t> numbers(-range, range);
  std::vector<double> values(random() % 100);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool repeat = i > 0 && random() % 3 == 0;
    values[i] = repeat ? values[i - 1] : static_cast<double>(numbers(random)) * unit;
  }
  return values;
}

TEST_CASE("every double comes back bit by bit") {
  const double infinity = std::numeric_limits<double>::infinity();
  CheckComesBack({});
  CheckComesBack({0});
  CheckComesBack({-0.0, 0.0});
  CheckComesBack({1, -1, 1e300, -1e-300, infinity, -infinity, std::nan("")});
  CheckComesBack({9007199254740992.0, -9007199254740992.0, 9007199254740994.0});
  CheckComesBack({0.1, 0.2, 0.30000000000000004});
  CheckComesBack({5e-324, 1.7976931348623157e308});
}

TEST_CASE("random columns of every unit come back") {
  std::mt19937_64 random(42);
  for (const double unit : {4096.0, 1024.0, 512.0, 1.0, 0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6,
                            1.0 / 1024, std::numbers::sqrt2}) {
    for (int round = 0; round < 50; ++round) CheckComesBack(RandomMultiples(unit, random));
  }
}

TEST_CASE("the bytes are those of FORMAT.md") {
  CHECK(Encoded({21.5, 21.5, 21.5, 21.6}) == std::string("\x04\xDC\x06\x03\x04", 5));
}

// 100 and, by steps of 3 either way, on: residuals whose zigzags are 5 and 6.
TEST_CASE("values that move a little each time take bits, not bytes") {
  std::vector<double> values{100};
  for (int i = 0; i < 79; ++i) values.push_back(values.back() + (i % 3 == 0 ? 3 : -3));
  const std::string bytes = Encoded(values);
  CHECK(static_cast<unsigned char>(bytes[0]) == 0x23);
  CHECK(bytes.size() <= 4 + 79 * 4 / 8 + 1);
  CheckComesBack(values);
}

TEST_CASE("what devices measure takes few bytes") {
  CHECK(Encoded(std::vector<double>(60, 0.0)).size() == 2);
  CHECK(Encoded(std::vector<double>(60, 513228800.0)).size() <= 5);
  std::vector<double> counter(60);
  for (std::size_t i = 0; i < counter.size(); ++i)
    counter[i] = 1e9 + 1500.0 * static_cast<double>(i);
  CHECK(Encoded(counter).size() <= 10);
}

TEST_CASE("integers come back, and times that are steady cost next to nothing") {
  std::vector<std::int64_t> times(60);
  for (std::size_t i = 0; i < times.size(); ++i) {
    times[i] = 1'764'000'000'123 + 1000 * static_cast<std::int64_t>(i);
  }
  const std::vector<std::int64_t> extremes = {-(std::int64_t{1} << 59), std::int64_t{1} << 59, 0};
  for (const auto& values : {times, extremes}) {
    std::string bytes;
    EncodeIntegers(values, bytes);
    std::string_view rest = bytes;
    std::vector<std::int64_t> decoded;
    REQUIRE(DecodeIntegers(rest, values.size(), decoded));
    CHECK(decoded == values);
    if (values.size() == 60) CHECK(bytes.size() <= 12);
  }
}

TEST_CASE("a column that is cut off anywhere is refused") {
  const std::vector<double> packed{3, 70, 11, 50, 33, 92, 14, 60, 2, 81, 40, 77, 15, 93};
  REQUIRE((static_cast<unsigned char>(Encoded(packed)[0]) & 0x20U) != 0);
  for (const auto& values : {std::vector<double>{1, 2, 3, 1000, 1000, 1000, 7}, packed,
                             std::vector<double>{std::numbers::sqrt2, std::numbers::sqrt3}}) {
    const std::string bytes = Encoded(values);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      std::string_view rest(bytes.data(), size);
      std::vector<double> decoded;
      const Status status = DecodeColumn(rest, values.size(), decoded);
      REQUIRE_FALSE(status);
      CHECK(status.error().code == Code::kDataLoss);
    }
  }
}

TEST_CASE("the lowest of all integers, which has no absolute value, is out of range") {
  std::string bytes(1, '\x23');  // Packed, and as a varint with ten bytes.
  bytes += std::string(9, '\xFF') + '\x01' + '\0';
  std::string_view rest = bytes;
  std::vector<std::int64_t> integers;
  CHECK_FALSE(DecodeIntegers(rest, 1, integers));
}

TEST_CASE("random bytes are refused or decoded to as many values as asked for") {
  std::mt19937_64 random(7);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(random() % 40, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    if (!bytes.empty() && random() % 2 == 0) {
      bytes[0] = static_cast<char>(random() % 11 | (random() % 2 == 0 ? 0x20U : 0U));
    }
    const std::size_t count = random() % 50;
    std::string_view rest = bytes;
    std::vector<double> decoded;
    if (DecodeColumn(rest, count, decoded)) CHECK(decoded.size() == count);
    rest = bytes;
    std::vector<std::int64_t> integers;
    if (DecodeIntegers(rest, count, integers)) CHECK(integers.size() == count);
  }
}

}  // namespace
}  // namespace edgefeed
