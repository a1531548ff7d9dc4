#include "common/ca/ca_files.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>

#include "common/base/file.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

namespace fs = std::filesystem;

mode_t ModeOf(const fs::path& path) {
  struct stat found{};
  REQUIRE(::lstat(path.c_str(), &found) == 0);
  return found.st_mode & 07777;
}

Code WhyNot(const Status& status) {
  REQUIRE_FALSE(status);
  return status.error().code;
}

TEST_CASE("a new file is as secret as it was asked for, whatever the umask") {
  const TempDir dir;
  const mode_t before = ::umask(0);
  CHECK(WriteNewFile(dir.path() / "key", "secret", Secrecy::kPrivate));
  ::umask(077);
  CHECK(WriteNewFile(dir.path() / "cert", "public", Secrecy::kPublic));
  CHECK(ReplacePublicFile(dir.path() / "list", "1"));
  ::umask(before);
  CHECK(ModeOf(dir.path() / "key") == 0600);
  CHECK(ModeOf(dir.path() / "cert") == 0644);
  CHECK(ModeOf(dir.path() / "list") == 0644);
  CHECK(*ReadSmallFile(dir.path() / "key") == "secret");
}

TEST_CASE("a new file takes nothing's place, and follows no link") {
  const TempDir dir;
  const fs::path old = dir.Write("old", "old");
  fs::create_symlink("elsewhere", dir.path() / "link");
  CHECK(WhyNot(WriteNewFile(old, "new", Secrecy::kPrivate)) == Code::kAlreadyExists);
  CHECK(WhyNot(WriteNewFile(dir.path() / "link", "new", Secrecy::kPrivate)) ==
        Code::kAlreadyExists);
  CHECK(*ReadSmallFile(old) == "old");
  CHECK_FALSE(fs::exists(dir.path() / "elsewhere"));
}

TEST_CASE("a public file is replaced, over what a killed process left") {
  const TempDir dir;
  const fs::path file = dir.Write("crl.pem", "old");
  static_cast<void>(dir.Write("crl.pem.tmp", "half"));
  CHECK(ReplacePublicFile(file, "new"));
  CHECK(*ReadSmallFile(file) == "new");
  CHECK_FALSE(fs::exists(dir.path() / "crl.pem.tmp"));
}

TEST_CASE("a directory appears when it is published, and is not there before or without") {
  const TempDir dir;
  const fs::path target = dir.path() / "party";
  {
    const auto dropped = UnfinishedDirectory::Begin(target);
    REQUIRE(dropped);
    CHECK(WriteNewFile(dropped->path() / "key", "1", Secrecy::kPrivate));
  }
  CHECK(fs::is_empty(dir.path()));

  auto made = UnfinishedDirectory::Begin(target);
  REQUIRE(made);
  CHECK(WriteNewFile(made->path() / "key", "2", Secrecy::kPrivate));
  CHECK_FALSE(fs::exists(target));
  CHECK(made->Publish());
  CHECK(*ReadSmallFile(target / "key") == "2");
  CHECK(ModeOf(target) == 0700);
  CHECK_FALSE(fs::exists(dir.path() / "party.unfinished"));
}

TEST_CASE("what a killed process left is thrown away, what a living one fills is not") {
  const TempDir dir;
  const fs::path target = dir.path() / "party";
  fs::create_directory(dir.path() / "party.unfinished");
  static_cast<void>(dir.Write("party.unfinished/key", "left"));

  const auto made = UnfinishedDirectory::Begin(target);
  REQUIRE(made);
  CHECK(fs::is_empty(made->path()));
  const auto second = UnfinishedDirectory::Begin(target);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Code::kAborted);
}

TEST_CASE("a directory takes the place of an empty one only") {
  const TempDir dir;
  fs::create_directory(dir.path() / "empty");
  fs::create_directory(dir.path() / "full");
  static_cast<void>(dir.Write("full/file", "mine"));
  static_cast<void>(dir.Write("file", "mine"));
  fs::create_symlink("nowhere", dir.path() / "link");
  for (const auto* const name : {"full", "file", "link"}) {
    const auto refused = UnfinishedDirectory::Begin(dir.path() / name);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::kAlreadyExists);
  }
  auto made = UnfinishedDirectory::Begin(dir.path() / "empty");
  REQUIRE(made);
  CHECK(made->Publish());
}

TEST_CASE("a link in the place of the unfinished directory is not followed") {
  const TempDir dir;
  fs::create_directory(dir.path() / "others");
  static_cast<void>(dir.Write("others/file", "theirs"));
  fs::create_symlink("others", dir.path() / "party.unfinished");
  CHECK_FALSE(UnfinishedDirectory::Begin(dir.path() / "party"));
  CHECK(*ReadSmallFile(dir.path() / "others" / "file") == "theirs");
}

}  // namespace
}  // namespace edgefeed
