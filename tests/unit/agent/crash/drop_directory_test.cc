#include "agent/crash/drop_directory.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <random>
#include <set>
#include <thread>

#include "common/base/file.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

namespace fs = std::filesystem;

DropDirectory Opened(const fs::path& path) {
  auto directory = DropDirectory::Open(path, HardLinks::kOfOwner);
  REQUIRE(directory);
  return std::move(*directory);
}

TEST_CASE("any name that a file can have is listed, opened and removed") {
  const TempDir dir;
  const DropDirectory directory = Opened(dir.path());
  std::mt19937 random(7);
  std::set<std::string> names;
  while (names.size() < 500) {
    std::string name(1 + random() % 255, 'x');
    for (char& c : name) c = static_cast<char>(1 + random() % 255);
    for (char& c : name) c = c == '/' ? '\\' : c;
    if (name.front() == '.' || name.front() == '#') name.front() = '%';
    if (names.insert(name).second) {
      const UniqueFd fd(::open((dir.path() / name).c_str(), O_CREAT | O_WRONLY, 0600));
      REQUIRE(fd.valid());
    }
  }
  const auto listing = directory.List();
  REQUIRE(listing);
  CHECK(listing->files.size() == 500);
  CHECK(listing->skipped.empty());
  for (const FoundFile& file : listing->files) {
    CHECK(names.contains(file.name));
    CHECK(directory.Read(file.name));
    CHECK(directory.Remove(file.name, file.identity));
  }
  CHECK(fs::is_empty(dir.path()));
}

TEST_CASE("a file is removed only while it is the one that is meant") {
  const TempDir dir;
  const DropDirectory directory = Opened(dir.path());
  const auto path = dir.Write("f", "first");
  const auto meant = directory.Find("f");
  REQUIRE(meant);
  fs::remove(path);
  REQUIRE(fs::exists(dir.Write("f", "another")));
  CHECK(directory.Remove("f", *meant));
  CHECK(fs::exists(path));
  CHECK(directory.Remove("gone", *meant));
}

TEST_CASE(
    "whatever a name is swapped for, nothing outside is opened or removed, and nothing waits") {
  const TempDir dir;
  const fs::path drops = dir.path() / "drops";
  fs::create_directory(drops);
  const fs::path secret = dir.Write("secret", "not for you");
  const DropDirectory directory = Opened(drops);
  const std::string name = (drops / "f").string();
  std::atomic<bool> done = false;
  std::thread attacker([&] {
    for (unsigned round = 0; !done; ++round) {
      ::unlink(name.c_str());
      switch (round % 4) {
        case 0: std::ofstream(name) << "dump"; break;
        case 1: (void)!::symlink(secret.c_str(), name.c_str()); break;
        case 2: ::mkfifo(name.c_str(), 0600); break;
        default: (void)!::symlink("/dev/tty", name.c_str()); break;
      }
    }
  });
  int opened = 0;
  int refused = 0;
  for (int i = 0; i < 10'000; ++i) {
    const auto listing = directory.List();
    REQUIRE(listing);
    const auto file = directory.Read("f");
    if (file) {
      ++opened;
      char bytes[64];
      const ssize_t n = ::read(file->fd.get(), bytes, sizeof bytes);
      const std::string text(bytes, static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
      if (!std::string("dump").starts_with(text)) FAIL("read: " << text);
      CHECK(directory.Remove("f", file->identity));
    } else {
      ++refused;
    }
  }
  done = true;
  attacker.join();
  CHECK(opened > 0);
  CHECK(refused > 0);
  CHECK(*ReadSmallFile(secret) == "not for you");
}

TEST_CASE("a directory that is swapped for another stays the one that was opened") {
  const TempDir dir;
  fs::create_directory(dir.path() / "drops");
  const DropDirectory directory = Opened(dir.path() / "drops");
  fs::rename(dir.path() / "drops", dir.path() / "moved");
  fs::create_directory_symlink("/etc", dir.path() / "drops");
  CHECK(directory.List()->files.empty());
  CHECK_FALSE(directory.Read("passwd"));
}

TEST_CASE("a second name makes a file suspect where others can write") {
  const TempDir dir;
  const fs::path drops = dir.path() / "drops";
  fs::create_directory(drops);
  fs::create_hard_link(dir.Write("mine", "x"), drops / "f");
  fs::permissions(drops, fs::perms::owner_all);
  CHECK(Opened(drops).Read("f"));
  fs::permissions(drops, fs::perms::owner_all | fs::perms::group_write);
  CHECK_FALSE(Opened(drops).Read("f"));
  CHECK(Opened(drops).List()->skipped.at(0).reason == "hard_link");
  fs::remove(dir.path() / "mine");
  CHECK(Opened(drops).Read("f"));
}

TEST_CASE("a directory of very many files is listed in part") {
  const TempDir dir;
  for (int i = 0; i < 5000; ++i) {
    const UniqueFd fd(::open((dir.path() / std::to_string(i)).c_str(), O_CREAT | O_WRONLY, 0600));
    REQUIRE(fd.valid());
  }
  CHECK(Opened(dir.path()).List()->files.size() == 4096);
}

}  // namespace
}  // namespace edgefeed
