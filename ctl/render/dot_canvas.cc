#include "ctl/render/dot_canvas.h"

#include <array>

namespace edgefeed {
namespace {

// Unicode's numbers of the dots of a braille character, by column and row.
constexpr std::array<std::array<unsigned char, 4>, 2> kBrailleBits = {
    {{0x01, 0x02, 0x04, 0x40}, {0x08, 0x10, 0x20, 0x80}}};
// By bits: none, top, bottom, both.
constexpr std::array<char, 4> kAsciiDots = {' ', '\'', '.', ':'};

// U+2800 plus the bits, in UTF-8.
std::string Braille(unsigned char bits) {
  return {'\xe2', static_cast<char>(0xa0U | bits >> 6U), static_cast<char>(0x80U | (bits & 0x3fU))};
}

}  // namespace

void DotCanvas::Set(std::size_t column, std::size_t row) {
  const std::size_t across = DotsAcross(glyphs_);
  const std::size_t down = DotsDown(glyphs_);
  unsigned char& cell = cells_[row / down * columns_ + column / across];
  const auto bit = glyphs_ == Glyphs::kUnicode ? kBrailleBits[column % across][row % down]
                                               : static_cast<unsigned char>(1U << row % down);
  cell = static_cast<unsigned char>(cell | bit);
}

std::string DotCanvas::Row(std::size_t row) const {
  std::string text;
  for (std::size_t column = 0; column < columns_; ++column) {
    const unsigned char bits = cells_[row * columns_ + column];
    if (bits == 0) {
      text += ' ';
    } else if (glyphs_ == Glyphs::kUnicode) {
      text += Braille(bits);
    } else {
      text += kAsciiDots[bits];
    }
  }
  return text;
}

}  // namespace edgefeed
