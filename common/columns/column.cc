#include "common/columns/column.h"

#include <bit>
#include <optional>
#include <utility>

#include "common/base/varint.h"
#include "common/columns/bit_string.h"
#include "common/columns/rice.h"
#include "common/columns/unit.h"

namespace edgefeed {
namespace {

// A column's first byte: the unit in the low four bits, whether residuals are of second order, and
// whether they are Rice codes instead of tokens.
constexpr unsigned kUnitMask = 0x0F;
constexpr unsigned kRawColumn = 0x0F;
constexpr unsigned kSecondOrder = 0x10;
constexpr unsigned kPacked = 0x20;
constexpr unsigned kKnownBits = kUnitMask | kSecondOrder | kPacked;
// The shape of a packed column: the low bits, and this.
constexpr unsigned kZeroFlag = 0x40;
// Fewer are never shorter packed.
constexpr std::size_t kFewestPacked = 8;
constexpr std::int64_t kMaxDecoded = std::int64_t{1} << 60;

Error Corrupt(std::string_view what) {
  return Error{Code::kDataLoss, "column: " + std::string(what)};
}

bool ToIntegers(std::span<const double> values, unsigned unit,
                std::vector<std::int64_t>& integers) {
  integers.clear();
  for (const double value : values) {
    const auto integer = ToInteger(value, unit);
    if (!integer) return false;
    integers.push_back(*integer);
  }
  return true;
}

// What is written of each value: the first as it is, then differences, or from the third on
// differences of differences; as numbers of no sign.
void ToResiduals(std::span<const std::int64_t> values, bool second_order,
                 std::vector<std::uint64_t>& residuals) {
  residuals.clear();
  std::int64_t last = 0;
  std::int64_t last_delta = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::int64_t delta = values[i] - last;
    // The first delta is the value itself, which says nothing about the next.
    residuals.push_back(ZigZag(second_order && i > 1 ? delta - last_delta : delta));
    last = values[i];
    last_delta = delta;
  }
}

// Calls token(t) for each token: an odd one stands for (t >> 1) + 1 zero residuals, an even one for
// the residual t >> 1.
template <typename Token>
void Tokenize(std::span<const std::uint64_t> residuals, Token token) {
  std::uint64_t zeros = 0;
  const auto flush = [&] {
    if (zeros > 0) token((zeros - 1) << 1U | 1U);
    zeros = 0;
  };
  for (const std::uint64_t residual : residuals) {
    if (residual == 0) {
      ++zeros;
      continue;
    }
    flush();
    token(residual << 1U);
  }
  flush();
}

// So many residuals say nothing about the others: of a packed column they are varints.
constexpr std::size_t Unlike(unsigned header) { return (header & kSecondOrder) != 0 ? 2 : 1; }

// Residuals, in the way that takes the fewest bytes.
struct Encoding {
  std::vector<std::uint64_t> residuals;
  unsigned header = 0;  // Without the unit.
  RiceShape shape;
  std::uint64_t size = 0;
};

Encoding BestEncoding(std::span<const std::int64_t> values, bool second_order) {
  Encoding best{.residuals = {}, .header = second_order ? kSecondOrder : 0};
  ToResiduals(values, second_order, best.residuals);
  Tokenize(best.residuals, [&](std::uint64_t token) { best.size += VarintSize(token); });
  if (values.size() < kFewestPacked) return best;
  const RiceFit fit = FitRice(std::span(best.residuals).subspan(Unlike(best.header)));
  std::uint64_t packed = 1 + (fit.bits + 7) / 8;
  for (std::size_t i = 0; i < Unlike(best.header); ++i) packed += VarintSize(best.residuals[i]);
  if (packed >= best.size) return best;
  best.header |= kPacked;
  best.shape = fit.shape;
  best.size = packed;
  return best;
}

void PutPacked(const Encoding& encoding, std::string& out) {
  const std::size_t unlike = Unlike(encoding.header);
  for (std::size_t i = 0; i < unlike; ++i) PutVarint(encoding.residuals[i], out);
  out.push_back(
      static_cast<char>(encoding.shape.low_bits | (encoding.shape.zero_flag ? kZeroFlag : 0U)));
  BitWriter bits(out);
  for (const std::uint64_t residual : std::span(encoding.residuals).subspan(unlike)) {
    PutRice(residual, encoding.shape, bits);
  }
  bits.Finish();
}

void EncodeResiduals(std::span<const std::int64_t> values, unsigned unit, std::string& out) {
  Encoding best = BestEncoding(values, false);
  if (values.size() > 2) {
    Encoding second = BestEncoding(values, true);
    if (second.size < best.size) best = std::move(second);
  }
  out.push_back(static_cast<char>(unit | best.header));
  if ((best.header & kPacked) != 0) return PutPacked(best, out);
  Tokenize(best.residuals, [&](std::uint64_t token) { PutVarint(token, out); });
}

// Takes residuals off the front of tokens. Nothing when the tokens are cut off or stand for more
// than there are. At most 2^62 either way.
class TokenReader {
 public:
  TokenReader(std::string_view& bytes, std::size_t count) : bytes_(bytes), left_(count) {}

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
  void Finish() {}

 private:
  std::string_view& bytes_;
  std::size_t left_;
  std::uint64_t zeros_ = 0;
};

// The same of a packed column.
class PackedReader {
 public:
  PackedReader(std::string_view& bytes, unsigned header) : bytes_(bytes), unlike_(Unlike(header)) {}

  std::optional<std::int64_t> Next() {
    if (unlike_ > 0) return NextUnlike();
    const auto residual = TakeRice(shape_, bits_);
    return residual && bits_.ok() ? std::optional(UnZigZag(*residual)) : std::nullopt;
  }
  void Finish() { bytes_.remove_prefix(bits_.bytes_taken()); }

 private:
  std::optional<std::int64_t> NextUnlike() {
    const auto residual = TakeVarint(bytes_);
    if (--unlike_ == 0 && !TakeShape()) return std::nullopt;
    return residual ? std::optional(UnZigZag(*residual)) : std::nullopt;
  }
  bool TakeShape() {
    if (bytes_.empty()) return false;
    const auto shape = static_cast<unsigned char>(bytes_.front());
    bytes_.remove_prefix(1);
    shape_ = {.low_bits = shape & ~kZeroFlag, .zero_flag = (shape & kZeroFlag) != 0};
    bits_ = BitReader(bytes_);
    return shape_.low_bits <= kMaxRiceLowBits;
  }

  std::string_view& bytes_;
  std::size_t unlike_;
  RiceShape shape_;
  BitReader bits_{{}};
};

bool IsInRange(std::int64_t number) { return number >= -kMaxDecoded && number <= kMaxDecoded; }

// Undoes ToResiduals for `count` values and calls value(v) for each. No sum overflows: what is
// added up is in range.
template <typename Residuals, typename Value>
Status AddUp(Residuals residuals, bool second_order, std::size_t count, Value value) {
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
  residuals.Finish();
  return {};
}

template <typename Value>
Status DecodeResiduals(std::string_view& bytes, unsigned header, std::size_t count, Value value) {
  const bool second_order = (header & kSecondOrder) != 0;
  if ((header & kPacked) == 0) return AddUp(TokenReader(bytes, count), second_order, count, value);
  return AddUp(PackedReader(bytes, header), second_order, count, value);
}

void EncodeRaw(std::span<const double> values, std::string& out) {
  out.push_back(static_cast<char>(kRawColumn));
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
  const bool known = (header & ~kKnownBits) == 0 && (unit < kUnitCount || header == kRawColumn);
  return known ? std::optional<unsigned>(header) : std::nullopt;
}

}  // namespace

void EncodeColumn(std::span<const double> values, std::string& out) {
  std::vector<std::int64_t> integers;
  integers.reserve(values.size());
  for (unsigned unit = 0; unit < kUnitCount; ++unit) {
    if (ToIntegers(values, unit, integers)) return EncodeResiduals(integers, unit, out);
  }
  EncodeRaw(values, out);
}

void EncodeIntegers(std::span<const std::int64_t> values, std::string& out) {
  EncodeResiduals(values, kUnitOne, out);
}

Status DecodeColumn(std::string_view& bytes, std::size_t count, std::vector<double>& values) {
  const auto header = TakeHeader(bytes);
  if (!header) return Corrupt("an unknown encoding");
  if (*header == kRawColumn) return DecodeRaw(bytes, count, values);
  const unsigned unit = *header & kUnitMask;
  return DecodeResiduals(bytes, *header, count, [&](std::int64_t integer) {
    values.push_back(FromInteger(integer, unit));
  });
}

Status DecodeIntegers(std::string_view& bytes, std::size_t count,
                      std::vector<std::int64_t>& values) {
  const auto header = TakeHeader(bytes);
  if (!header || (*header & kUnitMask) != kUnitOne) return Corrupt("no column of integers");
  return DecodeResiduals(bytes, *header, count,
                         [&](std::int64_t integer) { values.push_back(integer); });
}

}  // namespace edgefeed
