#include "agent/capture/capture.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <thread>

#include "common/base/unique_fd.h"
#include "common/wire/dump_info.h"
#include "tests/support/private_disk.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unpacked.h"

namespace edgefeed {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A pipe with a writer behind it, as the kernel gives it to a handler.
class Core {
 public:
  explicit Core(std::string bytes) : bytes_(std::move(bytes)) {
    ::signal(SIGPIPE, SIG_IGN);  // Not every capture reads all of it.
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    read_.Reset(ends[0]);
    writer_ = std::thread([this, fd = ends[1]] {
      std::string_view left = bytes_;
      while (!left.empty()) {
        const ssize_t n = ::write(fd, left.data(), left.size());
        if (n <= 0) break;
        left.remove_prefix(static_cast<std::size_t>(n));
      }
      ::close(fd);
    });
  }
  ~Core() {
    read_.Reset();
    writer_.join();
  }
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;
  [[nodiscard]] int fd() const { return read_.get(); }

 private:
  std::string bytes_;
  UniqueFd read_;
  std::thread writer_;
};

std::string Noise(std::size_t size) {
  std::mt19937 random(7);
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

DumpInfo Crash() {
  DumpInfo crash;
  crash.pid = 4711;
  crash.signal = 11;
  crash.command = "../x y";
  crash.crashed_at = FromUnixMillis(1'700'000'000'000);
  return crash;
}

std::set<std::string> NamesIn(const fs::path& directory) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) {
    names.insert(entry.path().filename().string());
  }
  return names;
}

constexpr CaptureLimits kLimits{.min_free = Bytes{0}};
const std::string kName = "___x_y.4711.SIGSEGV.1700000000000.core.zst";

TEST_CASE("a core from the kernel becomes a compressed file with its description beside it") {
  const TempDir drop;
  const std::string bytes = Noise(1'000'000);
  const Core core(bytes);
  const auto captured = Capture(core.fd(), drop.path(), Crash(), kLimits);
  REQUIRE(captured);
  CHECK(NamesIn(drop.path()) == std::set<std::string>{kName, kName + ".info"});
  CHECK(Unpacked(ReadFile(captured->file)) == bytes);
  CHECK(captured->read.count == bytes.size());
  const auto info = DecodeDumpInfo(ReadFile(captured->file.string() + ".info"));
  REQUIRE(info);
  CHECK(info->pid == 4711);
  CHECK(info->compression == "zstd");
  CHECK(info->content == DumpContent::kFull);
  CHECK(info->missing.empty());
}

TEST_CASE("what there is no room for leaves an empty file that says why") {
  const TempDir drop;
  const auto why = [&](const CaptureLimits& limits) {
    const Core core(Noise(300'000));
    const auto captured = Capture(core.fd(), drop.path(), Crash(), limits);
    REQUIRE(captured);
    const auto info = DecodeDumpInfo(ReadFile(captured->file.string() + ".info"));
    REQUIRE(info);
    CHECK(fs::file_size(captured->file) == 0);
    CHECK(info->content == DumpContent::kMetadata);
    CHECK(info->signal == 11);
    return info->missing;
  };
  CHECK(why({.min_free = GiB(1 << 20)}) == "disk_full");
  CHECK(why({.mode = DumpMode::kMetadata, .min_free = Bytes{0}}) == "not_wanted");
  static_cast<void>(drop.Write("another.core", "core"));
  CHECK(why({.min_free = Bytes{0}, .files = 1}) == "not_taken_yet");
  CHECK(why({.min_free = Bytes{0}, .waiting = Bytes{4}}) == "not_taken_yet");
  CHECK(NamesIn(drop.path()) == std::set<std::string>{"another.core", kName, kName + ".info"});
}

std::string CaptureOnFullDisk() {
  const TempDir drop;
  if (!MountPrivateDisk(drop.path(), "256k")) return "no mount";
  const Core core(Noise(1'000'000));
  const auto captured = Capture(core.fd(), drop.path(), Crash(), kLimits);
  if (!captured) return captured.error().message;
  return std::to_string(fs::file_size(captured->file)) + " bytes, " + captured->info.missing;
}

TEST_CASE("a disk that becomes full meanwhile leaves the description, and no piece of the core") {
  const std::string report = InChild(CaptureOnFullDisk);
  if (report == "no mount") {
    MESSAGE("SKIPPED: this machine lets nobody mount a tmpfs in a namespace of its own");
    return;
  }
  CHECK(report == "0 bytes, disk_full");
}

TEST_CASE("what is no core cannot be reduced to its stacks") {
  const TempDir drop;
  const Core core(Noise(300'000));
  const auto captured =
      Capture(core.fd(), drop.path(), Crash(), {.mode = DumpMode::kStacks, .min_free = Bytes{0}});
  REQUIRE(captured);
  CHECK(captured->info.missing == "unreadable");
  CHECK(fs::file_size(captured->file) == 0);
}

TEST_CASE("a handler that was killed leaves nothing that is in the way of the next") {
  const TempDir drop;
  const auto left = drop.Write("." + kName + ".tmp", "half");
  const Core core("bytes");
  REQUIRE(Capture(core.fd(), drop.path(), Crash(), kLimits));
  CHECK_FALSE(fs::exists(left));
}

TEST_CASE("the owner of the directory cannot lead a handler elsewhere") {
  const TempDir drop;
  const TempDir elsewhere;
  const auto link = drop.path() / "crashes";
  fs::create_directory_symlink(elsewhere.path(), link);
  const Core core("bytes");
  const auto captured = Capture(core.fd(), link, Crash(), kLimits);
  REQUIRE_FALSE(captured);
  CHECK(captured.error().message.find(link.string()) != std::string::npos);
  CHECK(NamesIn(elsewhere.path()).empty());
}

TEST_CASE("without a directory there is an error that names it") {
  const Core core("bytes");
  const auto captured = Capture(core.fd(), "/nowhere/crashes", Crash(), kLimits);
  REQUIRE_FALSE(captured);
  CHECK(captured.error().message.find("/nowhere/crashes") != std::string::npos);
}

}  // namespace
}  // namespace edgefeed
