#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace edgefeed {

// Appends bits to a string, low bits of a byte first. The last byte is filled up with zeros.
class BitWriter {
 public:
  // `out` must outlive it.
  explicit BitWriter(std::string& out) : out_(out) {}

  // The low `count` bits of `bits`. Preconditions: the others are 0; at most 56.
  void Put(std::uint64_t bits, unsigned count) {
    pending_ |= bits << pending_bits_;
    pending_bits_ += count;
    for (; pending_bits_ >= 8; pending_bits_ -= 8, pending_ >>= 8U) {
      out_.push_back(static_cast<char>(pending_));
    }
  }
  void Put64(std::uint64_t bits) {
    Put(bits & UINT32_MAX, 32);
    Put(bits >> 32U, 32);
  }
  // Once, after the last bit.
  void Finish() {
    if (pending_bits_ > 0) out_.push_back(static_cast<char>(pending_));
    pending_ = pending_bits_ = 0;
  }

 private:
  std::string& out_;
  std::uint64_t pending_ = 0;
  unsigned pending_bits_ = 0;
};

// Takes bits off the front of a string. Beyond its end there is nothing but zeros, and ok() is
// false.
class BitReader {
 public:
  explicit BitReader(std::string_view bytes) : bytes_(bytes) {}

  // At most 56.
  std::uint64_t Take(unsigned count) {
    while (pending_bits_ < count) {
      const std::uint64_t byte =
          next_ < bytes_.size() ? static_cast<unsigned char>(bytes_[next_]) : 0;
      ++next_;
      pending_ |= byte << pending_bits_;
      pending_bits_ += 8;
    }
    const std::uint64_t bits = pending_ & ((std::uint64_t{1} << count) - 1);
    pending_ >>= count;
    pending_bits_ -= count;
    return bits;
  }
  std::uint64_t Take64() {
    const std::uint64_t low = Take(32);
    return low | Take(32) << 32U;
  }

  [[nodiscard]] bool ok() const { return next_ <= bytes_.size(); }
  // Bytes of which any bit was taken.
  [[nodiscard]] std::size_t bytes_taken() const { return next_; }

 private:
  std::string_view bytes_;
  std::size_t next_ = 0;
  std::uint64_t pending_ = 0;
  unsigned pending_bits_ = 0;
};

}  // namespace edgefeed
