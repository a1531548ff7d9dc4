// Preloaded into a program: kills it, as kill -9 does, instead of letting it make its n-th change
// to files, where n is EDGEFEED_DIE_AT. Stands in for the functions of libc by which our programs
// change files one step at a time.

#include <dlfcn.h>
#include <sys/types.h>
#include <unistd.h>

#include <bit>
#include <csignal>
#include <cstdlib>

namespace {

// libc's own, which this library stands in front of.
template <typename Function>
Function Libc(const char* name) {
  return std::bit_cast<Function>(dlsym(RTLD_NEXT, name));
}

// The programs that are tested with this have one thread.
void CountChange() {
  static int left = [] {
    const char* at = std::getenv("EDGEFEED_DIE_AT");
    return at == nullptr ? 0 : std::atoi(at);
  }();
  if (--left == 0) ::kill(::getpid(), SIGKILL);
}

}  // namespace

// Under the names by which a program finds them.
extern "C" {
ssize_t Write(int fd, const void* bytes, size_t size) __asm__("write");
int Sync(int fd) __asm__("fsync");
int Rename(const char* from, const char* to) noexcept __asm__("rename");
int MakeDirectory(const char* path, mode_t mode) noexcept __asm__("mkdir");
int Unlink(const char* path) noexcept __asm__("unlink");
int UnlinkAt(int directory, const char* path, int flags) noexcept __asm__("unlinkat");
int Truncate(const char* path, off64_t size) noexcept __asm__("truncate64");
int ChangeMode(int fd, mode_t mode) noexcept __asm__("fchmod");
}

ssize_t Write(int fd, const void* bytes, size_t size) {
  CountChange();
  return Libc<decltype(&Write)>("write")(fd, bytes, size);
}

int Sync(int fd) {
  CountChange();
  return Libc<decltype(&Sync)>("fsync")(fd);
}

int Rename(const char* from, const char* to) noexcept {
  CountChange();
  return Libc<decltype(&Rename)>("rename")(from, to);
}

int MakeDirectory(const char* path, mode_t mode) noexcept {
  CountChange();
  return Libc<decltype(&MakeDirectory)>("mkdir")(path, mode);
}

int Unlink(const char* path) noexcept {
  CountChange();
  return Libc<decltype(&Unlink)>("unlink")(path);
}

int UnlinkAt(int directory, const char* path, int flags) noexcept {
  CountChange();
  return Libc<decltype(&UnlinkAt)>("unlinkat")(directory, path, flags);
}

int Truncate(const char* path, off64_t size) noexcept {
  CountChange();
  return Libc<decltype(&Truncate)>("truncate64")(path, size);
}

int ChangeMode(int fd, mode_t mode) noexcept {
  CountChange();
  return Libc<decltype(&ChangeMode)>("fchmod")(fd, mode);
}
