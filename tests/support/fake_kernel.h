#pragma once

#include <functional>

#include "agent/proc/kernel.h"

namespace edgefeed {

// Tells what it is told to.
class FakeKernel final : public Kernel {
 public:
  MachineState Read() override {
    if (on_read) on_read();
    return state;
  }

  MachineState state;
  std::function<void()> on_read;  // Empty, or called at each read.
};

}  // namespace edgefeed
