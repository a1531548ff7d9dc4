// Preloaded into a program: answers for the kernel what time it is, as a WrongClock says. Stands in
// for the functions of libc by which a program reads the wall clock, asks whether it is
// synchronised, and waits for a time of it (Abseil, for gRPC).

#include <dlfcn.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>  // NOLINT(modernize-deprecated-headers): clock_gettime() is POSIX, not <ctime>.
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>

#include "tests/support/wrong_clock_state.h"

namespace {

using edgefeed::WrongClockState;

constexpr std::int64_t kSecond = 1'000'000'000;

// libc's own, which this library stands in front of.
template <typename... Arguments>
long Kernel(long number, Arguments... arguments) {
  static const auto libc = std::bit_cast<long (*)(long, ...)>(dlsym(RTLD_NEXT, "syscall"));
  return libc(number, arguments...);
}

// A program that was to have a wrong clock and has none proves nothing.
const WrongClockState* Map() {
  const char* path = std::getenv("EDGEFEED_WRONG_CLOCK");
  const int fd = path == nullptr ? -1 : ::open(path, O_RDONLY | O_CLOEXEC);
  void* mapped = ::mmap(nullptr, sizeof(WrongClockState), PROT_READ, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) std::abort();
  ::close(fd);
  return static_cast<const WrongClockState*>(mapped);
}

const WrongClockState& State() {
  static const WrongClockState* const state = Map();
  return *state;
}

timespec Shift(const timespec& time, std::int64_t by_ns) {
  const std::int64_t ns = std::int64_t{time.tv_sec} * kSecond + time.tv_nsec + by_ns;
  if (ns < 0) return {};
  return {.tv_sec = ns / kSecond, .tv_nsec = ns % kSecond};
}

}  // namespace

// Under the names by which a program finds them.
extern "C" {
int GetClock(clockid_t clock, timespec* time) noexcept __asm__("clock_gettime");
int AdjustClock(timex* state) noexcept __asm__("adjtimex");
long CallKernel(long number, ...) noexcept __asm__("syscall");
}

int GetClock(clockid_t clock, timespec* time) noexcept {
  const auto result = static_cast<int>(Kernel(SYS_clock_gettime, clock, time));
  const bool is_wall = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
  if (result == 0 && is_wall) *time = Shift(*time, State().offset_ns);
  if (result == 0 && clock == CLOCK_BOOTTIME) *time = Shift(*time, State().boot_offset_ns);
  return result;
}

int AdjustClock(timex* state) noexcept {
  if (State().silent) {
    errno = EPERM;
    return -1;
  }
  if (Kernel(SYS_adjtimex, state) < 0) return -1;
  if (State().synchronized) {
    state->status &= ~STA_UNSYNC;
    return TIME_OK;
  }
  state->status |= STA_UNSYNC;
  return TIME_ERROR;
}

long CallKernel(long number, ...) noexcept {
  std::array<long, 6> arguments{};
  va_list list;
  va_start(list, number);
  for (long& argument : arguments) argument = va_arg(list, long);
  va_end(list);
  auto& [word, operation, value, deadline, word2, value3] = arguments;
  timespec true_deadline{};
  if (number == SYS_futex && (operation & FUTEX_CLOCK_REALTIME) != 0 && deadline != 0) {
    true_deadline = Shift(*std::bit_cast<const timespec*>(deadline), -State().offset_ns);
    deadline = std::bit_cast<long>(&true_deadline);
  }
  return Kernel(number, word, operation, value, deadline, word2, value3);
}
