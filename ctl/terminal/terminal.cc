#include "ctl/terminal/terminal.h"

#include <sys/ioctl.h>

namespace edgefeed {

ScreenSize TerminalSize(int fd) {
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {.columns = size.ws_col, .rows = size.ws_row};
}

}  // namespace edgefeed
