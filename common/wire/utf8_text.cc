#include "common/wire/utf8_text.h"

#include <algorithm>
#include <cstddef>

namespace edgefeed {
namespace {

unsigned char ByteAt(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

// How long a character is that begins with this byte; 0: none does.
std::size_t LengthFrom(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xC2) return 0;
  if (lead < 0xE0) return 2;
  if (lead < 0xF0) return 3;
  return lead < 0xF5 ? 4 : 0;
}

// RFC 3629, section 4: what may follow some leads is less than what may follow others.
bool MayFollow(unsigned char lead, unsigned char second) {
  switch (lead) {
    case 0xE0: return second >= 0xA0;
    case 0xED: return second < 0xA0;
    case 0xF0: return second >= 0x90;
    case 0xF4: return second < 0x90;
    default: return true;
  }
}

// Of the character at the beginning of `text`, which is not empty; 0: there is none.
std::size_t CharacterLength(std::string_view text) {
  const std::size_t length = LengthFrom(ByteAt(text, 0));
  if (length > text.size()) return 0;
  if (length > 1 && !MayFollow(ByteAt(text, 0), ByteAt(text, 1))) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((ByteAt(text, i) & 0xC0U) != 0x80U) return 0;
  }
  return length;
}

}  // namespace

std::string Utf8Text(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = CharacterLength(text);
    clean += length == 0 ? std::string_view("?") : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return clean;
}

}  // namespace edgefeed
