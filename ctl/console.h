#pragma once

#include <ostream>
#include <string>

#include "ctl/render/line.h"
#include "ctl/render/sparkline.h"

namespace edgefeed {

// Where a command prints, and what can be shown there.
struct Console {
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal = false;  // One that can move its cursor.
  bool err_is_terminal = false;
  Colour colour = Colour::kNone;  // Of `out`.
  Glyphs glyphs = Glyphs::kAscii;
};

}  // namespace edgefeed
