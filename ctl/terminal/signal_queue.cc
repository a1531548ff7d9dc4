#include "ctl/terminal/signal_queue.h"

#include <poll.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigset_t is POSIX, not <csignal>.
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace edgefeed {
namespace {

constexpr std::array kHandled = {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP};

TerminalSignal Meaning(std::uint32_t number) {
  if (number == SIGWINCH) return TerminalSignal::kResize;
  return number == SIGTSTP ? TerminalSignal::kSuspend : TerminalSignal::kEnd;
}

}  // namespace

Result<SignalQueue> SignalQueue::Open() {
  sigset_t handled;
  sigemptyset(&handled);
  for (const int number : kHandled) sigaddset(&handled, number);
  pthread_sigmask(SIG_BLOCK, &handled, nullptr);
  UniqueFd signals(::signalfd(-1, &handled, SFD_CLOEXEC));
  if (!signals.valid()) return ErrnoError("signalfd", errno);
  UniqueFd wake(::eventfd(0, EFD_CLOEXEC));
  if (!wake.valid()) return ErrnoError("eventfd", errno);
  return SignalQueue(std::move(signals), std::move(wake));
}

TerminalSignal SignalQueue::Wait() {
  while (true) {
    std::array<pollfd, 2> waiting = {pollfd{wake_.get(), POLLIN, 0},
                                     pollfd{signals_.get(), POLLIN, 0}};
    if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;  // EINTR
    if (waiting[0].revents != 0) return TerminalSignal::kWoken;
    signalfd_siginfo info{};
    if (::read(signals_.get(), &info, sizeof info) == sizeof info) return Meaning(info.ssi_signo);
  }
}

void SignalQueue::Wake() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
}

}  // namespace edgefeed
