#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "ctl/client.h"
#include "ctl/render/line.h"
#include "ctl/render/sparkline.h"

namespace edgefeed {

struct ScreenSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

// What `edgefeedctl watch` has seen so far, and how it looks.
class WatchScreen {
 public:
  // `title`: what is watched, for the first line.
  WatchScreen(std::string title, Glyphs glyphs) : title_(std::move(title)), glyphs_(glyphs) {}

  void Accept(const DeviceSample& sample);
  // Shown until the next one; empty for none.
  void SetNote(std::string note) { note_ = std::move(note); }

  // At most `size.rows` lines, devices in order of name. What does not fit is counted in "+N more".
  [[nodiscard]] std::vector<Line> Lines(ScreenSize size, WallTime now) const;

 private:
  struct Row {
    DeviceSample newest;
    std::deque<double> recent_cpu;  // Percent, oldest first.
  };
  struct Body {
    std::vector<Line> lines;
    bool has_readings = false;
  };

  [[nodiscard]] std::vector<Line> DeviceRows(WallTime now) const;
  [[nodiscard]] Body MakeBody(WallTime now) const;

  std::string title_;
  Glyphs glyphs_;
  std::map<std::string, Row> devices_;
  std::string note_;
};

// One update as one line, for pipes.
Line WatchLine(const DeviceSample& sample);

}  // namespace edgefeed
