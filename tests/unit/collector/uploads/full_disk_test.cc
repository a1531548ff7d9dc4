#include <doctest/doctest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <string>

#include "collector/uploads/upload_session.h"
#include "common/base/unique_fd.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/collector/uploads/upload_directory.h"

namespace edgefeed {
namespace {

// A file system of 64 KiB that only this process sees.
bool MountTinyDisk(const std::filesystem::path& directory) {
  if (::unshare(CLONE_NEWNS) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  return ::mount("tmpfs", directory.c_str(), "tmpfs", 0, "size=64k") == 0;
}

// Runs `report` in a child process, for a mount must not outlive it; what it returned.
std::string InChild(const std::function<std::string()>& report) {
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

// Uploads `chunks` chunks of 16 KiB; what the session answers to the last, and what is then left.
std::string Upload(UploadStore& store, std::uint32_t chunks) {
  CollectorStats stats;
  UploadSession session(store, stats);
  const std::string data(std::size_t{16} << 10, 'x');
  for (std::uint32_t i = 0; i < chunks; ++i) {
    const auto result = session.Take(
        {.filename = "core.dump", .data = data, .index = i, .is_last = i + 1 == chunks});
    if (!result) {
      return std::string(CodeName(result.error().code)) + ": " + result.error().message;
    }
  }
  return "stored";
}

TEST_CASE("a disk that fills up is told to the client, and costs nothing but this upload") {
  const TempDir dir;
  const std::string report = InChild([&]() -> std::string {
    if (!MountTinyDisk(dir.path())) return "no mount";
    auto store = UploadStore::Open(dir.path(), {});
    if (!store) return store.error().message;
    const std::string too_large = Upload(**store, 8);
    const bool nothing_left = VisibleFiles(dir.path()).empty() && PartialFiles(dir.path()) == 0 &&
                              (*store)->used() == Bytes{0};
    return too_large + "; " + (nothing_left ? "nothing left" : "something left") + "; then " +
           Upload(**store, 1);
  });
  if (report == "no mount") {
    MESSAGE("SKIPPED: this machine lets nobody mount a tmpfs in a namespace of its own");
    return;
  }
  CHECK(report ==
        "RESOURCE_EXHAUSTED: upload core.dump, chunk 4: the collector's disk: No space left on "
        "device; nothing left; then stored");
}

}  // namespace
}  // namespace edgefeed
