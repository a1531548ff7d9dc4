#include "collector/uploads/upload_store.h"

#include <doctest/doctest.h>

#include "common/base/file.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/collector/uploads/upload_directory.h"

namespace edgefeed {
namespace {

using Names = std::vector<std::string>;

// A store in a directory that does not exist before.
class StoreFixture {
 public:
  explicit StoreFixture(const UploadLimits& limits = {}) : limits_(limits) { Reopen(); }

  void Reopen() {
    store.reset();
    auto opened = UploadStore::Open(directory, limits_);
    REQUIRE(opened);
    store = std::move(*opened);
  }
  std::unique_ptr<IncomingFile> Create(const std::string& name,
                                       const std::string& device = {}) const {
    auto file = store->Create(name, device);
    REQUIRE(file);
    return std::move(*file);
  }
  std::filesystem::path Upload(const std::string& name, const std::string& text) const {
    const auto file = Create(name);
    REQUIRE(file->Append(text));
    const auto stored = file->Publish();
    REQUIRE(stored);
    CHECK(stored->size == Bytes{text.size()});
    return stored->path;
  }

  const TempDir dir;
  const std::filesystem::path directory = dir.path() / "uploads";
  std::unique_ptr<UploadStore> store;

 private:
  UploadLimits limits_;
};

TEST_CASE("a name is a plain file name") {
  for (const std::string& good :
       {std::string("a"), std::string("core.1234.dump"), std::string("a b"),
        std::string("größe.bin"), std::string("~"), std::string(255, 'x')}) {
    CAPTURE(good);
    CHECK(CheckUploadName(good));
  }
  const std::pair<std::string, std::string> bad[] = {
      {"", "filename '' is empty"},
      {".", "filename '.' starts with a dot"},
      {"..", "filename '..' starts with a dot"},
      {".partial", "filename '.partial' starts with a dot"},
      {"../x", "filename '../x' starts with a dot"},
      {"/etc/passwd", "filename '/etc/passwd' holds a '/'"},
      {"a/../b", "filename 'a/../b' holds a '/'"},
      {std::string("a\0b", 3), "filename 'a?b' holds a control character"},
      {"a\nb\x7f", "filename 'a?b?' holds a control character"},
      {std::string(256, 'x'), "filename '" + std::string(80, 'x') + "' is longer than 255 bytes"}};
  for (const auto& [name, message] : bad) {
    const Status status = CheckUploadName(name);
    REQUIRE_FALSE(status);
    CHECK(status.error() == Error{Code::kInvalidArgument, message});
  }
}

TEST_CASE_FIXTURE(StoreFixture, "a file is visible only when it is whole") {
  auto file = Create("core.dump");
  REQUIRE(file->Append("half "));
  CHECK(VisibleFiles(directory).empty());
  REQUIRE(file->Append("and half"));
  CHECK(VisibleFiles(directory).empty());

  const auto stored = file->Publish();

  REQUIRE(stored);
  CHECK(stored->path == directory / "core.dump");
  CHECK(stored->size == Bytes{13});
  CHECK(*ReadSmallFile(stored->path) == "half and half");
  CHECK(PartialFiles(directory) == 0);
}

TEST_CASE_FIXTURE(StoreFixture, "an empty file is a file") {
  CHECK(*ReadSmallFile(Upload("empty", "")) == "");
  CHECK(VisibleFiles(directory) == Names{"empty"});
}

TEST_CASE_FIXTURE(StoreFixture, "a second file of the same name is kept beside the first") {
  CHECK(Upload("a", "first").filename() == "a");
  CHECK(Upload("a", "second").filename() == "a.~1~");
  CHECK(Upload("a", "third").filename() == "a.~2~");
  CHECK(*ReadSmallFile(directory / "a") == "first");
  CHECK(*ReadSmallFile(directory / "a.~2~") == "third");
}

TEST_CASE_FIXTURE(StoreFixture, "two files of one name may come at the same time") {
  auto one = Create("a");
  auto other = Create("a");
  REQUIRE(one->Append("one"));
  REQUIRE(other->Append("other"));
  CHECK(other->Publish()->path.filename() == "a");
  CHECK(one->Publish()->path.filename() == "a.~1~");
  CHECK(*ReadSmallFile(directory / "a") == "other");
  CHECK(*ReadSmallFile(directory / "a.~1~") == "one");
}

TEST_CASE_FIXTURE(StoreFixture, "a name of full length is stored, and refused where it cannot be") {
  const std::string name(255, 'x');
  CHECK(Upload(name, "first").filename() == name);
  auto second = Create(name);
  CHECK_FALSE(second->Publish());  // "….~1~" is too long for a file name.
  second.reset();
  CHECK(VisibleFiles(directory) == Names{name});
  CHECK(PartialFiles(directory) == 0);
}

TEST_CASE_FIXTURE(StoreFixture, "a file that does not arrive leaves nothing and frees its room") {
  auto file = Create("a");
  REQUIRE(file->Append(std::string(1000, 'x')));
  CHECK(store->used() == Bytes{1000});
  file.reset();
  CHECK(store->used() == Bytes{0});
  CHECK(VisibleFiles(directory).empty());
  CHECK(PartialFiles(directory) == 0);
}

TEST_CASE("a file over the limit is refused, one at the limit is not") {
  StoreFixture world({.max_file_size = Bytes{2048}});
  auto file = world.Create("a");
  REQUIRE(file->Append(std::string(2000, 'x')));
  const Status refused = file->Append(std::string(49, 'x'));
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == Error{Code::kResourceExhausted,
                                 "larger than 2.0 KiB (uploads.max_file_size of the collector)"});
  CHECK(file->Append(std::string(48, 'x')));
}

TEST_CASE("the quota counts what is stored and what is arriving") {
  StoreFixture world({.quota = Bytes{3072}});
  world.Upload("a", std::string(1024, 'x'));
  auto file = world.Create("b");
  auto other = world.Create("c");
  REQUIRE(file->Append(std::string(1024, 'x')));
  REQUIRE(other->Append(std::string(1024, 'x')));
  const Status refused = other->Append("x");
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == Error{Code::kResourceExhausted,
                                 "the collector's 3.0 KiB for uploads are used up (uploads.quota)",
                                 std::chrono::minutes(5)});
  file.reset();
  CHECK(other->Append("x"));  // There is room again.
}

TEST_CASE("a device's files count for it, stored and arriving, until somebody clears them away") {
  StoreFixture world({.device_quota = Bytes{3000}});
  const auto upload = [&](const std::string& name, const std::string& device) {
    const auto file = world.Create(name, device);
    REQUIRE(file->Append(std::string(1000, 'x')));
    REQUIRE(file->Publish());
  };
  upload("a", "cam");
  upload("b", "cam");
  upload("c", "door");
  upload("d", "");
  auto arriving = world.Create("e", "cam");
  REQUIRE(arriving->Append(std::string(1000, 'x')));
  CHECK(world.store->used_by("cam") == Bytes{3000});
  CHECK(world.store->used_by("door") == Bytes{1000});
  CHECK(world.store->used_by("nobody") == Bytes{0});
  CHECK(world.Create("f", "door")->Append("x"));
  const Status refused = arriving->Append("x");
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == Error{Code::kResourceExhausted,
                                 "the device's 2.9 KiB are used up (uploads.device_quota)",
                                 std::chrono::minutes(5)});
  arriving.reset();
  CHECK(world.store->used_by("cam") == Bytes{2000});

  world.Reopen();
  CHECK(world.store->used() == Bytes{4000});
  CHECK(world.store->used_by("cam") == Bytes{2000});
  auto another = world.Create("g", "cam");
  CHECK_FALSE(another->Append(std::string(1001, 'x')));
  std::filesystem::remove(world.directory / "a");
  CHECK(another->Append(std::string(2000, 'x')));
}

TEST_CASE_FIXTURE(StoreFixture, "what an earlier run left half received is removed when it opens") {
  Upload("whole", "12345");
  std::filesystem::create_directories(directory / ".partial" / "directory");
  static_cast<void>(dir.Write("uploads/.partial/17", "half"));

  Reopen();

  CHECK(PartialFiles(directory) == 0);
  CHECK(VisibleFiles(directory) == Names{"whole"});
  CHECK(store->used() == Bytes{5});  // Counts against the quota again.
}

TEST_CASE_FIXTURE(StoreFixture, "an earlier run's numbers do not get in the way") {
  Upload("a", "first");
  Reopen();
  CHECK(Upload("a", "second").filename() == "a.~1~");
}

TEST_CASE("a directory that cannot be made is an error that names it") {
  const TempDir dir;
  const auto file = dir.Write("file", "");
  const auto opened = UploadStore::Open(file / "uploads", {});
  REQUIRE_FALSE(opened);
  CHECK(opened.error().message == (file / "uploads/.partial").string() + ": Not a directory");
}

}  // namespace
}  // namespace edgefeed
