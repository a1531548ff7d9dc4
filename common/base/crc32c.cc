#include "common/base/crc32c.h"

#include <array>
#include <cstddef>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace edgefeed {
namespace {

using Table = std::array<std::uint32_t, 256>;

// Eight tables take eight bytes a step ("slicing by 8", Intel 2006).
constexpr std::array<Table, 8> MakeTables() {
  constexpr std::uint32_t kReversedPolynomial = 0x82F63B78;
  std::array<Table, 8> tables{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? kReversedPolynomial : 0);
    }
    tables[0][i] = crc;
  }
  for (std::size_t step = 1; step < tables.size(); ++step) {
    for (std::size_t i = 0; i < 256; ++i) {
      const std::uint32_t crc = tables[step - 1][i];
      tables[step][i] = (crc >> 8U) ^ tables[0][crc & 0xFFU];
    }
  }
  return tables;
}

constexpr std::array<Table, 8> kTables = MakeTables();

std::uint32_t ByteAt(std::string_view bytes, std::size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

std::uint32_t EightBytes(std::string_view bytes, std::uint32_t crc) {
  std::uint32_t next = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    const std::uint32_t mask = i < 4 ? crc >> (8 * i) : 0;
    next ^= kTables[7 - i][(ByteAt(bytes, i) ^ mask) & 0xFFU];
  }
  return next;
}

// `crc` here and below: inverted, as the register of the algorithm has it.
std::uint32_t WithTables(std::string_view bytes, std::uint32_t crc) {
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) crc = EightBytes(bytes, crc);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    crc = (crc >> 8U) ^ kTables[0][(crc ^ ByteAt(bytes, i)) & 0xFFU];
  }
  return crc;
}

#if defined(__x86_64__)
// Three times as fast, on every x86 since 2008.
__attribute__((target("sse4.2"))) std::uint32_t WithInstructions(std::string_view bytes,
                                                                 std::uint32_t crc) {
  std::uint64_t wide = crc;
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    wide = _mm_crc32_u64(wide, word);
  }
  crc = static_cast<std::uint32_t>(wide);
  for (const char byte : bytes) crc = _mm_crc32_u8(crc, static_cast<unsigned char>(byte));
  return crc;
}

bool HasInstructions() { return __builtin_cpu_supports("sse4.2"); }
#else
std::uint32_t WithInstructions(std::string_view bytes, std::uint32_t crc) {
  return WithTables(bytes, crc);
}

bool HasInstructions() { return false; }
#endif

}  // namespace

std::uint32_t Crc32c(std::string_view bytes, std::uint32_t before) {
  static const bool has_instructions = HasInstructions();
  return ~(has_instructions ? WithInstructions(bytes, ~before) : WithTables(bytes, ~before));
}

}  // namespace edgefeed
