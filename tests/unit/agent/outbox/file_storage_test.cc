#include "agent/outbox/file_storage.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

namespace fs = std::filesystem;

mode_t ModeOf(const fs::path& path) {
  struct stat status{};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777U;
}

std::vector<std::string> Names(FileStorage& storage) {
  std::vector<std::string> names;
  const auto files = storage.List();
  REQUIRE(files);
  for (const auto& file : *files) names.push_back(file.name);
  std::ranges::sort(names);
  return names;
}

TEST_CASE("what is appended can be read, and only by us") {
  const TempDir dir;
  const fs::path directory = dir.path() / "state" / "outbox";
  FileStorage storage(directory);
  CHECK(Names(storage).empty());
  REQUIRE(storage.Append("a", "one "));
  REQUIRE(storage.Append("a", "two"));
  REQUIRE(storage.Sync("a"));
  REQUIRE(storage.Append("b", "x"));
  REQUIRE(storage.Append("a", " three"));
  REQUIRE(storage.Sync("b"));

  CHECK(*storage.Read("a") == "one two three");
  CHECK(Names(storage) == std::vector<std::string>{"a", "b"});
  CHECK(ModeOf(directory) == 0750);
  CHECK(ModeOf(directory / "a") == 0600);
}

TEST_CASE("a file can be cut and removed while it is being written") {
  const TempDir dir;
  FileStorage storage(dir.path());
  REQUIRE(storage.Append("a", "0123456789"));
  REQUIRE(storage.Truncate("a", Bytes{4}));
  REQUIRE(storage.Append("a", "x"));
  CHECK(*storage.Read("a") == "0123x");
  REQUIRE(storage.Remove("a"));
  REQUIRE(storage.Remove("a"));
  CHECK_FALSE(storage.Read("a"));
  REQUIRE(storage.Append("a", "new"));
  CHECK(*storage.Read("a") == "new");
}

TEST_CASE("only regular files are listed, and a link is never followed") {
  const TempDir dir;
  const TempDir elsewhere;
  FileStorage storage(dir.path());
  fs::create_directory(dir.path() / "lost+found");
  fs::create_symlink(elsewhere.path() / "target", dir.path() / "link");
  (void)dir.Write("file", "12345");
  const auto files = storage.List();
  REQUIRE(files);
  REQUIRE(files->size() == 1);
  CHECK(files->front().name == "file");
  CHECK(files->front().size == Bytes{5});
  CHECK_FALSE(storage.Append("link", "x"));
  CHECK_FALSE(fs::exists(elsewhere.path() / "target"));
}

TEST_CASE("a file in the way is an error that names it") {
  const TempDir dir;
  const auto path = dir.Write("outbox", "a file");
  FileStorage storage(path);
  for (const Status& status : {storage.Append("a", "x"), storage.Sync("a"), storage.Remove("a")}) {
    REQUIRE_FALSE(status);
    CHECK(status.error().message.find(path.string()) != std::string::npos);
  }
  CHECK_FALSE(storage.List());
}

TEST_CASE("the space is that of the file system where the directory is, or will be") {
  const TempDir dir;
  const auto space = FileStorage(dir.path() / "outbox").FreeSpace();
  REQUIRE(space);
  CHECK(space->free > Bytes{0});
  if (space->free_inodes) CHECK(*space->free_inodes <= space->inodes);
  CHECK_FALSE(FileStorage(dir.path() / "no" / "outbox").FreeSpace());
}

}  // namespace
}  // namespace edgefeed
