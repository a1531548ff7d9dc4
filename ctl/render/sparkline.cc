#include "ctl/render/sparkline.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>

namespace edgefeed {
namespace {

constexpr std::size_t kLevels = 8;
constexpr std::array<std::string_view, kLevels> kBlocks = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array<std::string_view, kLevels> kAsciiBars = {"_", ".", ":", "-",
                                                              "=", "+", "*", "#"};

std::size_t Level(double percentage) {
  if (!std::isfinite(percentage)) return 0;
  const double share = std::clamp(percentage, 0.0, 100.0) / 100.0;
  return std::min(static_cast<std::size_t>(share * kLevels), kLevels - 1);
}

}  // namespace

std::string Sparkline(std::span<const double> percentages, Glyphs glyphs) {
  const auto& bars = glyphs == Glyphs::kUnicode ? kBlocks : kAsciiBars;
  std::string line;
  for (const double percentage : percentages) line += bars[Level(percentage)];
  return line;
}

}  // namespace edgefeed
