#include "ctl/line_view.h"

#include "ctl/render/watch_screen.h"

namespace edgefeed {

Status LineView::Show(const DeviceSample& sample) {
  console_.out << (json_ == JsonForm::kFilled ? sample.json
                                              : RenderLine(WatchLine(sample), console_.colour))
               << '\n'
               << std::flush;  // Whoever reads the pipe wants it now.
  if (console_.out) return {};
  return Error{Code::kInternal, "cannot write to standard output (is the disk full?)"};
}

void LineView::ShowNote(const std::string& note) {
  console_.err << "edgefeedctl: " << (note.empty() ? "connected again" : note) << '\n';
}

}  // namespace edgefeed
