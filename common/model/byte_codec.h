#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/varint.h"
#include "common/model/series.h"

namespace edgefeed {

// Fields of records in files, one after another: numbers as varints, reals as 8 bytes and texts
// with their size before them.
class ByteWriter {
 public:
  void Number(std::uint64_t value) { PutVarint(value, bytes_); }
  void Signed(std::int64_t value) { Number(ZigZag(value)); }
  void Flag(bool value) { Number(value ? 1 : 0); }
  template <typename Enum>
  void Choice(Enum value) {
    Number(static_cast<std::uint64_t>(value));
  }
  void Real(double value) {
    auto bits = std::bit_cast<std::uint64_t>(value);
    for (int i = 0; i < 8; ++i, bits >>= 8U) bytes_.push_back(static_cast<char>(bits & 0xFFU));
  }
  void Time(WallTime time) { Signed(time.time_since_epoch().count()); }
  void Time(const std::optional<WallTime>& time) {
    Flag(time.has_value());
    if (time) Time(*time);
  }
  void Text(std::string_view text) {
    Number(text.size());
    bytes_ += text;
  }
  void Add(const Labels& labels) {
    Number(labels.size());
    for (const Label& label : labels) {
      Text(label.name);
      Text(label.value);
    }
  }
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Reads them again. After bytes that cannot be read everything is zero, and ok() is false.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  std::uint64_t Number() {
    const auto value = TakeVarint(bytes_);
    if (!value) Fail();
    return value.value_or(0);
  }
  std::int64_t Signed() { return UnZigZag(Number()); }
  bool Flag() { return Number() != 0; }
  // The number of one of `count` values.
  template <typename Enum>
  Enum Choice(std::uint64_t count) {
    const std::uint64_t value = Number();
    if (value < count) return static_cast<Enum>(value);
    Fail();
    return Enum{};
  }
  double Real() {
    const std::string_view text = Raw(8);
    std::uint64_t bits = 0;
    for (std::size_t i = text.size(); i > 0; --i) {
      bits = bits << 8U | static_cast<unsigned char>(text[i - 1]);
    }
    return std::bit_cast<double>(bits);
  }
  WallTime Time() { return WallTime(std::chrono::milliseconds(Signed())); }
  std::optional<WallTime> OptionalTime() {
    if (!Flag()) return std::nullopt;
    return Time();
  }
  std::string Text() { return std::string(Raw(Number())); }
  Labels TakeLabels() {
    Labels labels;
    for (std::uint64_t left = Number(); left > 0 && ok_; --left) {
      std::string name = Text();
      labels.push_back({std::move(name), Text()});
    }
    return labels;
  }
  [[nodiscard]] bool ok() const { return ok_; }
  // Whether that was all, and right.
  [[nodiscard]] bool done() const { return ok_ && bytes_.empty(); }

 private:
  void Fail() {
    ok_ = false;
    bytes_ = {};
  }
  std::string_view Raw(std::uint64_t size) {
    if (size > bytes_.size()) {
      Fail();
      return {};
    }
    const auto taken = static_cast<std::size_t>(size);
    const std::string_view raw = bytes_.substr(0, taken);
    bytes_.remove_prefix(taken);
    return raw;
  }

  std::string_view bytes_;
  bool ok_ = true;
};

}  // namespace edgefeed
