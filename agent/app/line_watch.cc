#include "agent/app/line_watch.h"

namespace edgefeed {

void LineWatch::OnArrival() {
  if (line_ == Line::kFree) Look();
}

void LineWatch::Look() {
  const Line now = terms_.waiting() > terms_.most_waiting ? Line::kBusy : Line::kFree;
  if (now == Line::kBusy) again_ = scheduler_.RunAfter(std::chrono::seconds(1), [this] { Look(); });
  if (now == line_) return;
  line_ = now;
  terms_.on_change(now);
}

}  // namespace edgefeed
