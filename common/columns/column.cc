#include "common/columns/column.h"

#include <array>
#include <bit>
#include <cmath>
#include <optional>

#include "common/base/varint.h"

namespace edgefeed {
namespace {

// A column's first byte: the unit in the low four bits, and whether residuals are of second order.
constexpr unsigned kUnitMask = 0x0F;
constexpr unsigned kRaw = 0x0F;
constexpr unsigned kSecondOrder = 0x10;
constexpr unsigned kKnownBits = kUnitMask | kSecondOrder;
constexpr unsigned kOne = 3;  // The unit of integers.

// value = integer × times / parts.
struct Unit {
  double times;
  double parts;
};
// Coarse ones first: the first that fits gives the smallest integers. Positions are part of the
// format.
constexpr std::array<Unit, 11> kUnits = {{{4096, 1},
                                          {1024, 1},
                                          {512, 1},
                                          {1, 1},
                                          {1, 10},
                                          {1, 100},
                                          {1, 1e3},
                                          {1, 1e4},
                                          {1, 1e5},
                                          {1, 1e6},
                                          {1, 1024}}};
// Above this a double does not hold every integer.
constexpr double kMaxInteger = 9007199254740992.0;
constexpr std::int64_t kMaxDecoded = std::int64_t{1} << 60;

Error Corrupt(std::string_view what) {
  return Error{Code::kDataLoss, "column: " + std::string(what)};
}

double FromInteger(std::int64_t integer, const Unit& unit) {
  return static_cast<double>(integer) * unit.times / unit.parts;
}

std::optional<std::int64_t> ToInteger(double value, const Unit& unit) {
  const double scaled = std::nearbyint(value * unit.parts / unit.times);
  if (!(std::abs(scaled) <= kMaxInteger)) return std::nullopt;
  const auto integer = static_cast<std::int64_t>(scaled);
  const bool exact = std::bit_cast<std::uint64_t>(FromInteger(integer, unit)) ==
                     std::bit_cast<std::uint64_t>(value);
  return exact ? std::optional(integer) : std::nullopt;
}

bool ToIntegers(std::span<const double> values, const Unit& unit,
                std::vector<std::int64_t>& integers) {
  integers.clear();
  for (const double value : values) {
    const auto integer = ToInteger(value, unit);
    if (!integer) return false;
    integers.push_back(*integer);
  }
  return true;
}

// Calls token(t) for each token: an odd one stands for (t >> 1) + 1 zero residuals, an even one for
// the residual UnZigZag(t >> 1).
template <typename Token>
void Tokenize(std::span<const std::int64_t> values, bool second_order, Token token) {
  std::int64_t last = 0;
  std::int64_t last_delta = 0;
  std::uint64_t zeros = 0;
  const auto flush = [&] {
    if (zeros > 0) token((zeros - 1) << 1U | 1U);
    zeros = 0;
  };
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::int64_t delta = values[i] - last;
    // The first delta is the value itself, which says nothing about the next.
    const std::int64_t residual = second_order && i > 1 ? delta - last_delta : delta;
    last = values[i];
    last_delta = delta;
    if (residual == 0) {
      ++zeros;
      continue;
    }
    flush();
    token(ZigZag(residual) << 1U);
  }
  flush();
}

std::size_t TokensSize(std::span<const std::int64_t> values, bool second_order) {
  std::size_t size = 0;
  Tokenize(values, second_order, [&](std::uint64_t token) { size += VarintSize(token); });
  return size;
}

void EncodeTokens(std::span<const std::int64_t> values, unsigned unit, std::string& out) {
  const bool second_order =
      values.size() > 2 && TokensSize(values, true) < TokensSize(values, false);
  out.push_back(static_cast<char>(unit | (second_order ? kSecondOrder : 0U)));
  Tokenize(values, second_order, [&](std::uint64_t token) { PutVarint(token, out); });
}

// Takes residuals off the front of tokens.
class ResidualReader {
 public:
  ResidualReader(std::string_view& bytes, std::size_t count) : bytes_(bytes), left_(count) {}

  // Nothing when the tokens are cut off or stand for more than there are. At most 2^62 either way.
  std::optional<std::int64_t> Next() {
    if (zeros_ > 0) {
      --zeros_;
      --left_;
      return 0;
    }
    const auto token = TakeVarint(bytes_);
    if (!token) return std::nullopt;
    const bool is_run = (*token & 1U) != 0;
    if (is_run && *token >> 1U >= left_) return std::nullopt;
    if (is_run) zeros_ = *token >> 1U;
    --left_;
    return is_run ? 0 : UnZigZag(*token >> 1U);
  }

 private:
  std::string_view& bytes_;
  std::size_t left_;
  std::uint64_t zeros_ = 0;
};

bool IsInRange(std::int64_t number) { return std::abs(number) <= kMaxDecoded; }

// Undoes Tokenize for `count` values and calls value(v) for each. No sum overflows: what is added
// up is in range.
template <typename Value>
Status DecodeTokens(std::string_view& bytes, bool second_order, std::size_t count, Value value) {
  ResidualReader residuals(bytes, count);
  std::int64_t last = 0;
  std::int64_t delta = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto residual = residuals.Next();
    if (!residual) return Corrupt("cut off");
    if (!IsInRange(*residual)) return Corrupt("a number out of range");
    delta = second_order && i > 1 ? delta + *residual : *residual;
    if (!IsInRange(delta)) return Corrupt("a number out of range");
    last += delta;
    if (!IsInRange(last)) return Corrupt("a number out of range");
    value(last);
  }
  return {};
}

void EncodeRaw(std::span<const double> values, std::string& out) {
  out.push_back(static_cast<char>(kRaw));
  std::uint64_t last = 0;
  for (const double value : values) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    PutVarint(bits ^ last, out);
    last = bits;
  }
}

Status DecodeRaw(std::string_view& bytes, std::size_t count, std::vector<double>& values) {
  std::uint64_t last = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto change = TakeVarint(bytes);
    if (!change) return Corrupt("cut off");
    last ^= *change;
    values.push_back(std::bit_cast<double>(last));
  }
  return {};
}

std::optional<unsigned> TakeHeader(std::string_view& bytes) {
  if (bytes.empty()) return std::nullopt;
  const auto header = static_cast<unsigned char>(bytes.front());
  bytes.remove_prefix(1);
  const unsigned unit = header & kUnitMask;
  const bool known = (header & ~kKnownBits) == 0 && (unit < kUnits.size() || header == kRaw);
  return known ? std::optional<unsigned>(header) : std::nullopt;
}

}  // namespace

void EncodeColumn(std::span<const double> values, std::string& out) {
  std::vector<std::int64_t> integers;
  integers.reserve(values.size());
  for (unsigned unit = 0; unit < kUnits.size(); ++unit) {
    if (ToIntegers(values, kUnits[unit], integers)) return EncodeTokens(integers, unit, out);
  }
  EncodeRaw(values, out);
}

void EncodeIntegers(std::span<const std::int64_t> values, std::string& out) {
  EncodeTokens(values, kOne, out);
}

Status DecodeColumn(std::string_view& bytes, std::size_t count, std::vector<double>& values) {
  const auto header = TakeHeader(bytes);
  if (!header) return Corrupt("an unknown encoding");
  if (*header == kRaw) return DecodeRaw(bytes, count, values);
  const Unit& unit = kUnits[*header & kUnitMask];
  return DecodeTokens(bytes, (*header & kSecondOrder) != 0, count,
                      [&](std::int64_t integer) { values.push_back(FromInteger(integer, unit)); });
}

Status DecodeIntegers(std::string_view& bytes, std::size_t count,
                      std::vector<std::int64_t>& values) {
  const auto header = TakeHeader(bytes);
  if (!header || (*header & kUnitMask) != kOne) return Corrupt("no column of integers");
  return DecodeTokens(bytes, (*header & kSecondOrder) != 0, count,
                      [&](std::int64_t integer) { values.push_back(integer); });
}

}  // namespace edgefeed
