#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "ctl/client.h"
#include "ctl/render/line.h"
#include "ctl/render/sparkline.h"

namespace edgefeed {

struct PlotFrame {
  std::size_t columns = 80;  // Of the whole, with its axis.
  std::size_t rows = 8;      // Of the picture alone.
  Glyphs glyphs = Glyphs::kAscii;
  WallTime from;
  WallTime to;
  std::chrono::milliseconds longest_distance{0};  // Of two values without a gap between them.
};

// How many values side by side a plot of this width can show, about.
std::size_t PlotResolution(std::size_t columns, Glyphs glyphs);

// The values over time, with axes, the metric's unit and times in UTC: a line or, where values are
// closer than columns, the range of each column; nothing where samples are missing.
std::vector<Line> Plot(const std::string& metric, std::span<const PastValue> values,
                       const PlotFrame& frame);

}  // namespace edgefeed
