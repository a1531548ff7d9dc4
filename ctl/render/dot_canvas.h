#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "ctl/render/sparkline.h"

namespace edgefeed {

// A picture of dots, several to a character: 2 by 4 in braille, 1 by 2 in ASCII.
class DotCanvas {
 public:
  static std::size_t DotsAcross(Glyphs glyphs) { return glyphs == Glyphs::kUnicode ? 2 : 1; }
  static std::size_t DotsDown(Glyphs glyphs) { return glyphs == Glyphs::kUnicode ? 4 : 2; }

  // In characters.
  DotCanvas(std::size_t columns, std::size_t rows, Glyphs glyphs)
      : glyphs_(glyphs), columns_(columns), cells_(columns * rows, 0) {}

  // In dots. Row 0 is the top one. Precondition: inside.
  void Set(std::size_t column, std::size_t row);

  // One row of characters, as wide as the canvas.
  [[nodiscard]] std::string Row(std::size_t row) const;

 private:
  Glyphs glyphs_;
  std::size_t columns_;
  std::vector<unsigned char> cells_;  // Bits of the dots that are set.
};

}  // namespace edgefeed
