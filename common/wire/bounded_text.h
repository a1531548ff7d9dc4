#pragma once

#include <cstddef>
#include <string>

namespace edgefeed {

// At most `most` bytes of `text`. Never cut inside a UTF-8 character: a message with half of one
// cannot be parsed.
inline std::string BoundedText(const std::string& text, std::size_t most) {
  if (text.size() <= most) return text;
  const auto continues = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
  };
  while (most > 0 && continues(most)) --most;
  return text.substr(0, most);
}

}  // namespace edgefeed
