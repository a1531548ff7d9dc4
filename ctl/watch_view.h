#pragma once

#include <string>

#include "common/base/result.h"
#include "ctl/client.h"

namespace edgefeed {

// Where a watch shows what it receives. On the watch's scheduler.
class WatchView {
 public:
  virtual ~WatchView() = default;
  // An error ends the watch.
  virtual Status Show(const DeviceSample& sample) = 0;
  // The connection is lost, and what is done about it; empty when it is there again.
  virtual void ShowNote(const std::string& note) = 0;
};

}  // namespace edgefeed
