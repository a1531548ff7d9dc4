#include "common/base/safe_text.h"

#include <cstddef>
#include <cstdint>

namespace edgefeed {
namespace {

constexpr char kEscape = '\x1b';

// Length of the escape sequence that `text` starts with (ECMA-48): "ESC [ … final", a string such
// as "ESC ] … BEL" or "ESC ] … ESC \", or ESC and one character.
std::size_t EscapeLength(std::string_view text) {
  if (text.size() < 2) return text.size();
  const char kind = text[1];
  if (kind == '[') {
    const auto final = text.find_first_not_of("0123456789:;<=>? !\"#$%&'()*+,-./", 2);
    return final == std::string_view::npos ? text.size() : final + 1;
  }
  if (std::string_view("]PX^_").find(kind) != std::string_view::npos) {
    const auto end = text.find_first_of("\x07\x1b", 2);
    if (end == std::string_view::npos) return text.size();
    return end + (text[end] == kEscape && end + 1 < text.size() && text[end + 1] == '\\' ? 2 : 1);
  }
  return 2;
}

struct Decoded {
  std::size_t length = 0;  // 0: not UTF-8.
  std::uint32_t code_point = 0;
};

std::size_t SequenceLength(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  if (lead >= 0xf0 && lead < 0xf5) return 4;
  return 0;
}

Decoded DecodeFirst(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t length = SequenceLength(lead);
  if (length == 1) return {1, lead};
  if (length == 0 || length > text.size()) return {};
  std::uint32_t code_point = lead & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xc0U) != 0x80U) return {};
    code_point = code_point << 6 | (byte & 0x3fU);
  }
  const bool overlong =
      (length == 3 && code_point < 0x800) || (length == 4 && code_point < 0x10000);
  const bool surrogate = code_point >= 0xd800 && code_point < 0xe000;
  return overlong || surrogate || code_point > 0x10ffff ? Decoded{} : Decoded{length, code_point};
}

bool IsHarmless(std::uint32_t code_point) {
  if (code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0)) return false;
  const bool turns_direction = code_point == 0x200e || code_point == 0x200f ||
                               (code_point >= 0x202a && code_point <= 0x202e) ||
                               (code_point >= 0x2066 && code_point <= 0x2069);
  const bool breaks_line = code_point == 0x2028 || code_point == 0x2029;
  return !turns_direction && !breaks_line;
}

}  // namespace

std::string SafeText(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  while (!text.empty()) {
    if (text[0] == kEscape) {
      text.remove_prefix(EscapeLength(text));
      continue;
    }
    const Decoded first = DecodeFirst(text);
    if (first.length == 0) {
      safe += '?';
      text.remove_prefix(1);
      continue;
    }
    if (text[0] == '\n' || text[0] == '\t') safe += ' ';
    if (IsHarmless(first.code_point)) safe += text.substr(0, first.length);
    text.remove_prefix(first.length);
  }
  return safe;
}

}  // namespace edgefeed
