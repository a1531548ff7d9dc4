#pragma once

#include "common/runtime/scheduler.h"
#include "ctl/console.h"
#include "ctl/render/watch_screen.h"
#include "ctl/watch_view.h"

namespace edgefeed {

// A table that redraws in place on the terminal's alternate screen: soon after each update, and
// once a second for the ages. On the scheduler.
class LiveView final : public WatchView {
 public:
  // Both must outlive the view.
  LiveView(std::string title, Console& console, Scheduler& scheduler);
  ~LiveView() override { Leave(); }
  LiveView(const LiveView&) = delete;
  LiveView& operator=(const LiveView&) = delete;

  // Takes the screen, and gives it back as it was. Both may be called again.
  void Enter();
  void Leave();

  Status Show(const DeviceSample& sample) override;
  void ShowNote(const std::string& note) override;

  // The terminal has another size.
  void Redraw();

 private:
  void DrawSoon(std::chrono::milliseconds wait);

  Console& console_;
  Scheduler& scheduler_;
  WatchScreen screen_;
  Timer draw_;
  SteadyTime draw_due_ = SteadyTime::max();
  bool entered_ = false;
};

}  // namespace edgefeed
