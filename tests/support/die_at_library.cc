// Preloaded into a program: kills it, as kill -9 does, instead of letting it make its n-th change
// to files, where n is EDGEFEED_DIE_AT; with EDGEFEED_DIE_IN to files below that path. Stands in
// for the functions of libc by which our programs change files one step at a time.

#include <dlfcn.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <bit>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

// libc's own, which this library stands in front of.
template <typename Function>
Function Libc(const char* name) {
  return std::bit_cast<Function>(dlsym(RTLD_NEXT, name));
}

// Only changes of what has this in front of its path; null: all.
const char* Place() {
  static const char* const place = std::getenv("EDGEFEED_DIE_IN");
  return place;
}

void Count() {
  static std::atomic<int> left = [] {
    const char* at = std::getenv("EDGEFEED_DIE_AT");
    return at == nullptr ? 0 : std::atoi(at);
  }();
  if (--left == 0) ::kill(::getpid(), SIGKILL);
}

void CountChange(const char* path) {
  if (Place() == nullptr || std::strncmp(path, Place(), std::strlen(Place())) == 0) Count();
}

void CountChange(int fd) {
  if (Place() == nullptr) return Count();
  std::array<char, 32> link{};
  std::array<char, 4096> path{};
  std::snprintf(link.data(), link.size(), "/proc/self/fd/%d", fd);
  if (::readlink(link.data(), path.data(), path.size() - 1) > 0) CountChange(path.data());
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
  CountChange(fd);
  return Libc<decltype(&Write)>("write")(fd, bytes, size);
}

int Sync(int fd) {
  CountChange(fd);
  return Libc<decltype(&Sync)>("fsync")(fd);
}

int Rename(const char* from, const char* to) noexcept {
  CountChange(from);
  return Libc<decltype(&Rename)>("rename")(from, to);
}

int MakeDirectory(const char* path, mode_t mode) noexcept {
  CountChange(path);
  return Libc<decltype(&MakeDirectory)>("mkdir")(path, mode);
}

int Unlink(const char* path) noexcept {
  CountChange(path);
  return Libc<decltype(&Unlink)>("unlink")(path);
}

int UnlinkAt(int directory, const char* path, int flags) noexcept {
  CountChange(path);
  return Libc<decltype(&UnlinkAt)>("unlinkat")(directory, path, flags);
}

int Truncate(const char* path, off64_t size) noexcept {
  CountChange(path);
  return Libc<decltype(&Truncate)>("truncate64")(path, size);
}

int ChangeMode(int fd, mode_t mode) noexcept {
  CountChange(fd);
  return Libc<decltype(&ChangeMode)>("fchmod")(fd, mode);
}
