#include "ctl/backup_directory.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "common/base/file.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

namespace fs = std::filesystem;

class Backups {
 public:
  [[nodiscard]] fs::path target() const { return home.path() / "backup"; }
  [[nodiscard]] fs::path partial() const { return home.path() / "backup.partial"; }
  [[nodiscard]] Result<BackupDirectory> Create() const { return BackupDirectory::Create(target()); }
  TempDir home;
};

TEST_CASE("a backup is a partial directory until it is published") {
  const Backups backups;
  auto directory = backups.Create();
  REQUIRE(directory);
  CHECK(directory->Take({"raw/1.db", 5, 0, "ab"}));
  CHECK(directory->Take({"raw/1.db", 5, 2, "cde"}));
  CHECK(directory->Take({"log/00000001.log", 0, 0, ""}));
  CHECK(directory->Take({"meta.db", 1, 0, "m"}));
  CHECK(*ReadSmallFile(backups.partial() / "raw/1.db") == "abcde");
  CHECK_FALSE(fs::exists(backups.target()));

  CHECK(directory->Publish());

  CHECK(*ReadSmallFile(backups.target() / "raw/1.db") == "abcde");
  CHECK(*ReadSmallFile(backups.target() / "log/00000001.log") == "");
  CHECK(*ReadSmallFile(backups.target() / "meta.db") == "m");
  CHECK(directory->received().files == 3);
  CHECK(directory->received().bytes == 6);
  CHECK_FALSE(fs::exists(backups.partial()));
}

TEST_CASE("a backup goes only where nothing is") {
  const Backups backups;
  fs::create_directories(backups.target());
  auto into_empty = backups.Create();
  REQUIRE(into_empty);
  CHECK(backups.Create().error().message.starts_with(backups.partial().string() +
                                                     ": is left of a backup that did not end"));
  CHECK(into_empty->Take({"meta.db", 1, 0, "m"}));
  CHECK(into_empty->Publish());
  CHECK(fs::exists(backups.target() / "meta.db"));

  CHECK(backups.Create().error() ==
        Error{Code::kAlreadyExists, backups.target().string() +
                                        ": is not empty (a backup wants a directory of its own)"});
  fs::remove_all(backups.target());
  static_cast<void>(backups.home.Write("backup", "a file"));
  CHECK(backups.Create().error().code == Code::kAlreadyExists);
}

TEST_CASE("a collector cannot write outside of the backup") {
  for (const char* path :
       {"../x", "/etc/x", "raw/../x", "raw/.x", "raw/a/b", "", "raw/", ".", "..", "a\nb"}) {
    CAPTURE(path);
    const Backups backups;
    auto directory = backups.Create();
    REQUIRE(directory);
    CHECK(directory->Take({path, 1, 0, "x"}).error().code == Code::kInvalidArgument);
    CHECK(fs::is_empty(backups.partial()));
  }
}

TEST_CASE("a part that is missing is noticed") {
  const BackupPiece begin{"raw/1.db", 5, 0, "ab"};
  for (const BackupPiece& next :
       {BackupPiece{"raw/1.db", 5, 3, "de"}, BackupPiece{"raw/2.db", 5, 2, "cde"},
        BackupPiece{"raw/2.db", 5, 0, "abcde"}, BackupPiece{"raw/1.db", 5, 2, "cdef"},
        BackupPiece{"raw/1.db", 1, 2, ""}}) {
    const Backups backups;
    auto directory = backups.Create();
    REQUIRE(directory);
    CHECK(directory->Take(begin));
    CHECK(directory->Take(next).error() ==
          Error{Code::kDataLoss, "the collector leaves out a part of raw/1.db"});
    CHECK_FALSE(directory->Publish());
  }
}

TEST_CASE("of a backup that failed only what came is left") {
  const Backups backups;
  auto directory = backups.Create();
  REQUIRE(directory);
  CHECK_FALSE(directory->Abandon());
  CHECK(fs::is_empty(backups.home.path()));

  directory = backups.Create();
  REQUIRE(directory);
  CHECK(directory->Take({"raw/1.db", 5, 0, "ab"}));
  CHECK(directory->Abandon());
  CHECK(*ReadSmallFile(backups.partial() / "raw/1.db") == "ab");
}

}  // namespace
}  // namespace edgefeed
