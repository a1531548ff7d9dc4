#include "collector/inspect/sandbox.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

constexpr int kNoSandbox = 100;

// The status of a child that has entered the sandbox and done this.
template <typename Action>
int InSandbox(Action action) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(EnterSandbox() ? action() : kNoSandbox);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// 0 when the call was refused.
int Refused(std::int64_t result) { return result < 0 && errno == EPERM ? 0 : 1; }

TEST_CASE("a sandbox lets memory, clocks and the reading of files through") {
  CHECK(InSandbox([] {
          const int fd = ::open("/proc/self/status", O_RDONLY | O_CLOEXEC);
          char byte = 0;
          const bool read = fd >= 0 && ::read(fd, &byte, 1) == 1;
          const std::string memory(8 << 20, 'x');
          return read && memory[123] == 'x' ? 0 : 1;
        }) == 0);
}

TEST_CASE("a sandbox refuses sockets, processes, programs and new code") {
  CHECK(InSandbox([] { return Refused(::socket(AF_INET, SOCK_STREAM, 0)); }) == 0);
  CHECK(InSandbox([] { return Refused(::socket(AF_UNIX, SOCK_STREAM, 0)); }) == 0);
  CHECK(InSandbox([] { return Refused(::fork()); }) == 0);
  CHECK(InSandbox([] { return Refused(::execl("/bin/true", "true", nullptr)); }) == 0);
  CHECK(InSandbox([] { return Refused(::kill(::getppid(), 0)); }) == 0);
  CHECK(InSandbox([] {
          void* const code =
              ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
          return Refused(code == MAP_FAILED ? -1 : 0);
        }) == 0);
}

TEST_CASE("a sandbox refuses to write, make and remove files") {
  const TempDir dir;
  const auto file = dir.Write("file", "as it was").string();
  const auto fresh = (dir.path() / "new").string();
  CHECK(InSandbox([&] { return Refused(::open(file.c_str(), O_WRONLY | O_CLOEXEC)); }) == 0);
  CHECK(InSandbox([&] { return Refused(::open(file.c_str(), O_RDONLY | O_TRUNC)); }) == 0);
  CHECK(InSandbox([&] { return Refused(::creat(fresh.c_str(), 0600)); }) == 0);
  CHECK(InSandbox([&] { return Refused(::unlink(file.c_str())); }) == 0);
  CHECK(InSandbox([&] { return Refused(::rename(file.c_str(), fresh.c_str())); }) == 0);
  CHECK(InSandbox([&] { return Refused(::chmod(file.c_str(), 0777)); }) == 0);
}

TEST_CASE("a sandbox has limits that it cannot lift") {
  CHECK(InSandbox([] {
          rlimit cpu{};
          ::getrlimit(RLIMIT_CPU, &cpu);
          return cpu.rlim_max == 10 ? 0 : 1;
        }) == 0);
  CHECK(InSandbox([] { return ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0 ? 1 : 0; }) == 0);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  CHECK(InSandbox([] {
          void* const memory = ::mmap(nullptr, 300 << 20, PROT_READ | PROT_WRITE,
                                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
          return memory == MAP_FAILED && errno == ENOMEM ? 0 : 1;
        }) == 0);
#endif
}

}  // namespace
}  // namespace edgefeed
