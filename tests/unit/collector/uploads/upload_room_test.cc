#include "collector/uploads/upload_room.h"

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "tests/unit/collector/uploads/begun_fixture.h"

namespace edgefeed {
namespace {

constexpr std::size_t kKiB = 1024;

doctest::String Text(const std::string& text) { return {text.c_str()}; }

struct RoomFixture : BegunFixture {
  RoomFixture() {
    limits = {
        .max_file_size = KiB(400), .quota = KiB(1000), .device_quota = KiB(500), .min_free = {}};
    Reopen();
  }
  // How `kib` KiB of a dump, or of a plain file, are answered.
  UploadRefusal Ask(const std::string& id, std::size_t kib, const std::optional<DumpInfo>& dump) {
    const UploadAnswer answer = Begin(id, SomeBytes(kib * kKiB, kib), dump);
    message = answer.message;
    return answer.refusal;
  }
  std::string message;
};

TEST_CASE_FIXTURE(RoomFixture, "room is promised when an upload begins, and given back") {
  CHECK(Ask("a", 300, {}) == UploadRefusal::kNone);
  CHECK(Ask("b", 201, {}) == UploadRefusal::kQuota);
  CHECK(Text(message) == doctest::Contains("'core.zst' (id b) of device cam-7"));
  CHECK(Text(message) == doctest::Contains("uploads.device_quota"));
  CHECK(Ask("a", 300, {}) == UploadRefusal::kNone);  // It has its room already.
  CHECK(Ask("c", 200, {}) == UploadRefusal::kNone);
  device = "cam-8";
  CHECK(Ask("a", 400, {}) == UploadRefusal::kNone);
  device = "cam-9";
  CHECK(Ask("a", 101, {}) == UploadRefusal::kQuota);
  CHECK(Text(message) == doctest::Contains("(uploads.quota)"));
  begun->Abort("cam-8", "a");
  CHECK(Ask("a", 101, {}) == UploadRefusal::kNone);
}

TEST_CASE_FIXTURE(RoomFixture, "what could never fit is refused for good") {
  CHECK(Ask("a", 401, {}) == UploadRefusal::kTooLarge);
  CHECK(Text(message) == doctest::Contains("larger than 400.0 KiB (uploads.max_file_size)"));
  limits.device_quota = KiB(100);
  Reopen();
  CHECK(Ask("a", 101, {}) == UploadRefusal::kTooLarge);
  CHECK(Text(message) == doctest::Contains("(uploads.device_quota)"));
  device.clear();  // An operator's file.
  CHECK(Ask("a", 101, {}) == UploadRefusal::kNone);
}

TEST_CASE_FIXTURE(RoomFixture, "a new dump pushes out older ones, a plain file does not") {
  const auto upload = [&](const std::string& id, std::size_t kib, const DumpInfo& crash) {
    scheduler.Advance(std::chrono::seconds(1));
    return Upload(id, SomeBytes(kib * kKiB, kib), crash).state;
  };
  CHECK(upload("a", 200, CrashOf("/bin/loop")) == UploadState::kComplete);
  CHECK(upload("b", 201, CrashOf("/bin/loop")) == UploadState::kComplete);
  CHECK(Ask("plain", 150, {}) == UploadRefusal::kQuota);
  CHECK(upload("c", 150, CrashOf("/bin/other")) == UploadState::kComplete);
  CHECK(StoredDumps() == 2);
  CHECK_FALSE(std::filesystem::exists(StoredDump(SomeBytes(200 * kKiB, 200))));
}

TEST_CASE_FIXTURE(RoomFixture, "the disk must keep what it is to keep free") {
  limits.min_free = {.bytes = GiB(1 << 20), .percent = 0};
  Reopen();
  CHECK(Ask("a", 1, CrashOf("/bin/x")) == UploadRefusal::kQuota);
  CHECK(Text(message) == doctest::Contains("(uploads.min_free)"));
  CHECK(Partials().empty());
}

TEST_CASE_FIXTURE(RoomFixture,
                  "begun uploads count against the quota of clients that do not begin") {
  CHECK(Ask("a", 400, {}) == UploadRefusal::kNone);
  device = "cam-8";
  CHECK(Ask("a", 400, {}) == UploadRefusal::kNone);
  auto file = plain->Create("plain", {});
  REQUIRE(file);
  CHECK((*file)->Append(std::string(200 * kKiB, 'x')));
  CHECK_FALSE((*file)->Append("x"));
  begun->Abort("cam-8", "a");
  CHECK((*file)->Append("x"));
}

TEST_CASE_FIXTURE(
    RoomFixture,
    "files that are complete count for their device, until somebody clears them away") {
  CHECK(Upload("a", SomeBytes(300 * kKiB, 1)).state == UploadState::kComplete);
  Reopen();
  CHECK(Ask("b", 201, {}) == UploadRefusal::kQuota);
  CHECK(Text(message) == doctest::Contains("uploads.device_quota"));
  device = "cam-8";
  CHECK(Ask("b", 201, {}) == UploadRefusal::kNone);
  device = "cam-7";
  CHECK(std::filesystem::remove(dir.path() / "uploads" / "core.zst"));
  CHECK(Ask("b", 201, {}) == UploadRefusal::kNone);
}

TEST_CASE_FIXTURE(RoomFixture, "a device has a bounded number of uploads on their way") {
  for (std::uint64_t i = 0; i < UploadRoom::kUploadsOfDevice; ++i) {
    CHECK(Ask(std::to_string(i), 1, {}) == UploadRefusal::kNone);
  }
  CHECK(Ask("more", 1, {}) == UploadRefusal::kQuota);
}

}  // namespace
}  // namespace edgefeed
