#include "common/runtime/signals.h"

#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigset_t is POSIX, not <csignal>.

namespace edgefeed {
namespace {

sigset_t Handled() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  return set;
}

}  // namespace

void BlockSignals() {
  const sigset_t set = Handled();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

Signal WaitForSignal() {
  const sigset_t set = Handled();
  int signal = 0;
  while (sigwait(&set, &signal) != 0) {
  }
  return signal == SIGHUP ? Signal::kReload : Signal::kTerminate;
}

}  // namespace edgefeed
