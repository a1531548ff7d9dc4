#include "ctl/render/line.h"

#include <algorithm>

namespace edgefeed {
namespace {

bool StartsCharacter(char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) != 0x80U; }

// The first `columns` characters of UTF-8 text.
std::string_view TakeColumns(std::string_view text, std::size_t columns) {
  std::size_t seen = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (StartsCharacter(text[at]) && seen++ == columns) return text.substr(0, at);
  }
  return text;
}

std::string_view Escape(Style style) {
  switch (style) {
    case Style::kPlain: return "";
    case Style::kBold: return "\x1b[1m";
    case Style::kDim: return "\x1b[2m";
    case Style::kGood: return "\x1b[32m";
    case Style::kWarning: return "\x1b[33m";
    case Style::kBad: return "\x1b[1;31m";
  }
  return "";
}

}  // namespace

std::size_t TextWidth(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, StartsCharacter));
}

std::string PadLeft(const std::string& text, std::size_t width) {
  const std::size_t taken = TextWidth(text);
  return taken >= width ? text : std::string(width - taken, ' ') + text;
}

std::string RenderLine(const Line& line, Colour colour, std::size_t width) {
  std::string rendered;
  for (const Span& span : line) {
    const std::string_view text = TakeColumns(span.text, width);
    width -= TextWidth(text);
    const std::string_view escape = colour == Colour::kAnsi ? Escape(span.style) : "";
    rendered += escape;
    rendered += text;
    if (!escape.empty()) rendered += "\x1b[0m";
  }
  return rendered;
}

std::string RenderLines(const std::vector<Line>& lines, Colour colour) {
  std::string rendered;
  for (const Line& line : lines) rendered += RenderLine(line, colour) + "\n";
  return rendered;
}

}  // namespace edgefeed
