#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "tests/support/temp_dir.h"
#include "tests/support/wrong_clock_state.h"

namespace edgefeed {

// A wall clock that is wrong for the programs that run by it, and for nobody else: a library in
// them answers for the kernel. Other clocks stay as they are. Must outlive the programs.
class WrongClock {
 public:
  WrongClock();
  ~WrongClock();
  WrongClock(const WrongClock&) = delete;
  WrongClock& operator=(const WrongClock&) = delete;

  // For ProgramSpec: what makes a program run by this clock.
  [[nodiscard]] std::vector<std::string> environment() const;

  // Whether the kernel says, too, that its clock is synchronised; or tells nothing, as where a
  // service may not make the call.
  enum class Kernel { kUnsynchronized, kSynchronized, kSilent };
  // Steps the clock, while the programs run: so far from the true time from now on.
  void Set(std::chrono::milliseconds offset, Kernel kernel);
  // The machine was booted so long ago. While no program runs by the clock.
  void SetSinceBoot(std::chrono::milliseconds since_boot);

 private:
  TempDir directory_;
  WrongClockState* state_ = nullptr;
};

}  // namespace edgefeed
