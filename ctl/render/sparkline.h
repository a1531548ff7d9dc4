#pragma once

#include <span>
#include <string>

namespace edgefeed {

enum class Glyphs { kAscii, kUnicode };

// Percentages 0–100 as a row of bars, one character a value: "▁▂▅█", or "_.=#" in plain ASCII.
std::string Sparkline(std::span<const double> percentages, Glyphs glyphs);

}  // namespace edgefeed
