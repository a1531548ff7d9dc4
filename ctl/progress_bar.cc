#include "ctl/progress_bar.h"

#include <unistd.h>

#include <utility>

#include "ctl/render/progress.h"
#include "ctl/terminal/terminal.h"

namespace edgefeed {

ProgressBar::ProgressBar(std::string name, std::optional<std::uint64_t> total_bytes,
                         const Clock& clock, Console& console)
    : name_(std::move(name)),
      total_bytes_(total_bytes),
      clock_(clock),
      console_(console),
      started_(clock.Steady()) {}

void ProgressBar::Show(std::uint64_t done_bytes) {
  if (!console_.err_is_terminal) return;
  const SteadyTime now = clock_.Steady();
  if (drawn_ && now - *drawn_ < std::chrono::milliseconds(100)) return;
  drawn_ = now;
  const Progress progress{
      .sent_bytes = done_bytes,
      .start_bytes = start_bytes_,
      .total_bytes = total_bytes_,
      .elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - started_)};
  const std::size_t columns = TerminalSize(STDERR_FILENO).columns;
  console_.err << '\r' << ProgressLine(name_, progress, columns) << "\x1b[K" << std::flush;
}

void ProgressBar::Clear() {
  if (drawn_) console_.err << "\r\x1b[K" << std::flush;
  drawn_.reset();
}

}  // namespace edgefeed
