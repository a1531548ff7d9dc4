#include "collector/inspect/sandbox.h"

#include <fcntl.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace edgefeed {
namespace {

constexpr rlim_t kCpuSeconds = 10;
constexpr rlim_t kFileBytes = 32 << 20;
constexpr rlim_t kDescriptors = 64;
// A sanitizer's shadow takes terabytes of addresses, and it finds out by a pipe what is readable.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr rlim_t kMemoryBytes = RLIM_INFINITY;
constexpr std::array kOfSanitizers = {"pipe", "pipe2"};
#else
constexpr rlim_t kMemoryBytes = 256 << 20;
constexpr std::array<const char*, 0> kOfSanitizers = {};
#endif

// As the C library, libdw and zstd call them, on machines of 32 and 64 bits. What a machine has not
// is passed over.
constexpr std::array kAllowed = {
    "access",        "brk",
    "clock_gettime", "clock_gettime64",
    "close",         "exit",
    "exit_group",    "faccessat",
    "faccessat2",    "fcntl",
    "fcntl64",       "fstat",
    "fstat64",       "fstatat64",
    "ftruncate",     "ftruncate64",
    "futex",         "futex_time64",
    "getcwd",        "getpid",
    "getrandom",     "gettid",
    "gettimeofday",  "_llseek",
    "lseek",         "lstat",
    "lstat64",       "madvise",
    "memfd_create",  "mremap",
    "munmap",        "newfstatat",
    "pread64",       "prlimit64",
    "pwrite64",      "read",
    "readlink",      "readlinkat",
    "readv",         "restart_syscall",
    "rt_sigaction",  "rt_sigprocmask",
    "rt_sigreturn",  "sched_getaffinity",
    "sched_yield",   "sigaltstack",
    "sigreturn",     "stat",
    "stat64",        "statx",
    "sysinfo",       "tgkill",
    "uname",         "write",
    "writev",
};

Status Limit(int resource, rlim_t most) {
  const rlimit limit{.rlim_cur = most, .rlim_max = most};
  if (::setrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0) {
    return ErrnoError("setrlimit", errno);
  }
  return {};
}

struct Release {
  void operator()(void* filter) const { ::seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, Release>;

// Only where the flags say so: argument `index` has none of `forbidden`.
int AllowWithout(const Filter& filter, const char* name, unsigned index, std::uint64_t forbidden) {
  const int number = ::seccomp_syscall_resolve_name(name);
  if (number < 0) return 0;
  const std::array<scmp_arg_cmp, 1> condition = {
      {{.arg = index, .op = SCMP_CMP_MASKED_EQ, .datum_a = forbidden, .datum_b = 0}}};
  return ::seccomp_rule_add_array(filter.get(), SCMP_ACT_ALLOW, number, condition.size(),
                                  condition.data());
}

int AllowAll(const Filter& filter, std::span<const char* const> names) {
  for (const char* name : names) {
    const int number = ::seccomp_syscall_resolve_name(name);
    if (number < 0) continue;
    if (const int error =
            ::seccomp_rule_add_array(filter.get(), SCMP_ACT_ALLOW, number, 0, nullptr);
        error != 0) {
      return error;
    }
  }
  return 0;
}

Status FilterCalls() {
  constexpr std::uint64_t kWriting = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND;
  const Filter filter(::seccomp_init(SCMP_ACT_ERRNO(EPERM)));
  if (filter == nullptr) return Error{Code::kInternal, "seccomp: no filter"};
  int error = AllowAll(filter, kAllowed);
  if (error == 0) error = AllowAll(filter, kOfSanitizers);
  if (error == 0) error = AllowWithout(filter, "open", 1, kWriting);
  if (error == 0) error = AllowWithout(filter, "openat", 2, kWriting);
  if (error == 0) error = AllowWithout(filter, "mmap", 2, PROT_EXEC);
  if (error == 0) error = AllowWithout(filter, "mmap2", 2, PROT_EXEC);
  if (error == 0) error = AllowWithout(filter, "mprotect", 2, PROT_EXEC);
  if (error == 0) error = ::seccomp_load(filter.get());
  if (error != 0) return ErrnoError("seccomp", -error);
  return {};
}

}  // namespace

Status EnterSandbox() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    return ErrnoError("prctl", errno);
  }
  constexpr std::array<std::pair<int, rlim_t>, 5> kLimits = {{{RLIMIT_CORE, 0},
                                                              {RLIMIT_CPU, kCpuSeconds},
                                                              {RLIMIT_FSIZE, kFileBytes},
                                                              {RLIMIT_NOFILE, kDescriptors},
                                                              {RLIMIT_AS, kMemoryBytes}}};
  for (const auto& [resource, most] : kLimits) {
    if (Status limited = Limit(resource, most); !limited) return limited;
  }
  return FilterCalls();
}

}  // namespace edgefeed
