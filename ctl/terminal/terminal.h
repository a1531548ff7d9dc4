#pragma once

#include "ctl/render/watch_screen.h"

namespace edgefeed {

// Of the terminal behind `fd`; 80 by 24 when it does not tell.
ScreenSize TerminalSize(int fd);

}  // namespace edgefeed
