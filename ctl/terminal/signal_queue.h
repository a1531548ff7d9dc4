#pragma once

#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace edgefeed {

enum class TerminalSignal { kEnd, kResize, kSuspend, kWoken };

// The signals that a full-screen program has to act on, taken one by one. Create it before any
// other thread: they inherit that these signals are blocked.
class SignalQueue {
 public:
  static Result<SignalQueue> Open();

  // Waits for the next one.
  TerminalSignal Wait();

  // Makes Wait() return kWoken. From any thread.
  void Wake() const;

 private:
  SignalQueue(UniqueFd signals, UniqueFd wake)
      : signals_(std::move(signals)), wake_(std::move(wake)) {}

  UniqueFd signals_;
  UniqueFd wake_;
};

}  // namespace edgefeed
