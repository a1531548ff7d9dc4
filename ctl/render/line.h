#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace edgefeed {

enum class Style { kPlain, kBold, kDim, kGood, kWarning, kBad };
enum class Colour { kNone, kAnsi };

// A piece of a line. Its text must be safe for terminals: see SafeText().
struct Span {
  std::string text;
  Style style = Style::kPlain;
};

using Line = std::vector<Span>;

// Columns that `text` takes in a terminal: one a character.
std::size_t TextWidth(std::string_view text);
// With blanks before it, to so many columns at least.
std::string PadLeft(const std::string& text, std::size_t width);

constexpr std::size_t kAnyWidth = std::numeric_limits<std::size_t>::max();

// What to print for `line`, cut off after `width` columns; without a newline.
std::string RenderLine(const Line& line, Colour colour, std::size_t width = kAnyWidth);

// All lines, each with a newline.
std::string RenderLines(const std::vector<Line>& lines, Colour colour);

}  // namespace edgefeed
