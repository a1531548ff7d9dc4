#include "ctl/live_view.h"

#include <unistd.h>

#include <utility>

#include "ctl/terminal/terminal.h"

namespace edgefeed {
namespace {

constexpr std::chrono::milliseconds kGather{
    50};  // Updates that arrive together are drawn together.
constexpr std::chrono::milliseconds kIdle{1000};

// Alternate screen, no cursor, long lines cut off; and the reverse.
constexpr const char* kEnter = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J";
constexpr const char* kLeave = "\x1b[?7h\x1b[?25h\x1b[?1049l";

}  // namespace

LiveView::LiveView(std::string title, Console& console, Scheduler& scheduler)
    : console_(console), scheduler_(scheduler), screen_(std::move(title), console.glyphs) {}

void LiveView::Enter() {
  if (std::exchange(entered_, true)) return;
  console_.out << kEnter;
  Redraw();
}

void LiveView::Leave() {
  if (!std::exchange(entered_, false)) return;
  draw_.Cancel();
  draw_due_ = SteadyTime::max();
  console_.out << kLeave << std::flush;
}

Status LiveView::Show(const DeviceSample& sample) {
  screen_.Accept(sample);
  DrawSoon(kGather);
  return {};
}

void LiveView::ShowNote(const std::string& note) {
  screen_.SetNote(note);
  DrawSoon(kGather);
}

void LiveView::DrawSoon(std::chrono::milliseconds wait) {
  const SteadyTime due = scheduler_.Now() + wait;
  if (!entered_ || due >= draw_due_) return;
  draw_due_ = due;
  draw_ = scheduler_.RunAt(due, [this] { Redraw(); });
}

void LiveView::Redraw() {
  if (!entered_) return;
  const ScreenSize size = TerminalSize(STDOUT_FILENO);
  const auto lines = screen_.Lines(size, scheduler_.WallNow());
  std::string frame = "\x1b[H";
  for (std::size_t i = 0; i < lines.size(); ++i) {
    frame +=
        (i == 0 ? "" : "\r\n") + RenderLine(lines[i], console_.colour, size.columns) + "\x1b[K";
  }
  console_.out << frame << "\x1b[J" << std::flush;
  draw_due_ = SteadyTime::max();
  DrawSoon(kIdle);
}

}  // namespace edgefeed
