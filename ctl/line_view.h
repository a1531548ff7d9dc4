#pragma once

#include "ctl/console.h"
#include "ctl/options.h"
#include "ctl/watch_view.h"

namespace edgefeed {

// One line an update, for pipes and JSON.
class LineView final : public WatchView {
 public:
  LineView(Console& console, JsonForm json) : console_(console), json_(json) {}

  Status Show(const DeviceSample& sample) override;
  void ShowNote(const std::string& note) override;

 private:
  Console& console_;
  JsonForm json_;
};

}  // namespace edgefeed
