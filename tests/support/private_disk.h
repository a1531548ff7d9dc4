#pragma once

#include <doctest/doctest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>

#include "common/base/unique_fd.h"

namespace edgefeed {

// Puts a file system of its own, of this size ("64k"), at a directory; only this process, and what
// it starts, sees it. False on a machine that lets nobody do so. For InChild().
inline bool MountPrivateDisk(const std::filesystem::path& directory, const std::string& size) {
  if (::unshare(CLONE_NEWNS) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  return ::mount("tmpfs", directory.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
}

// Runs `report` in a child process, for a mount must not outlive it; what it returned.
inline std::string InChild(const std::function<std::string()>& report) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  std::fflush(nullptr);  // Or the child may print our output again.
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string text = report();
    const bool written = ::write(ends[1], text.data(), text.size()) >= 0;
    ::_exit(written ? 0 : 1);
  }
  ::close(ends[1]);
  const UniqueFd pipe(ends[0]);
  std::string text(4096, '\0');
  const ssize_t n = ::read(pipe.get(), text.data(), text.size());
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  return text;
}

}  // namespace edgefeed
