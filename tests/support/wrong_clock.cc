#include "tests/support/wrong_clock.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <new>
#include <stdexcept>

#include "common/base/unique_fd.h"

namespace edgefeed {

WrongClock::WrongClock() {
  const UniqueFd fd(
      ::open((directory_.path() / "clock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd.valid() || ::ftruncate(fd.get(), sizeof(WrongClockState)) != 0) {
    throw std::runtime_error("cannot make a wrong clock");
  }
  void* mapped =
      ::mmap(nullptr, sizeof(WrongClockState), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (mapped == MAP_FAILED) throw std::runtime_error("cannot map a wrong clock");
  state_ = new (mapped) WrongClockState;
}

WrongClock::~WrongClock() { ::munmap(state_, sizeof(WrongClockState)); }

std::vector<std::string> WrongClock::environment() const {
  return {"LD_PRELOAD=" EDGEFEED_WRONG_CLOCK_LIBRARY,
          "EDGEFEED_WRONG_CLOCK=" + (directory_.path() / "clock").string(),
          // It does not like to come second.
          "ASAN_OPTIONS=verify_asan_link_order=0"};
}

void WrongClock::SetSinceBoot(std::chrono::milliseconds since_boot) {
  state_->boot_offset_ns = std::chrono::nanoseconds(since_boot - SystemClock().SinceBoot()).count();
}

void WrongClock::Set(std::chrono::milliseconds offset, Kernel kernel) {
  state_->synchronized = kernel == Kernel::kSynchronized;
  state_->silent = kernel == Kernel::kSilent;
  state_->offset_ns = std::chrono::nanoseconds(offset).count();
}

}  // namespace edgefeed
