#include <doctest/doctest.h>

#include <string>

#include "collector/uploads/upload_session.h"
#include "tests/support/private_disk.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/collector/uploads/upload_directory.h"

namespace edgefeed {
namespace {

// Uploads `chunks` chunks of 16 KiB; what the session answers to the last, and what is then left.
std::string Upload(UploadStore& store, std::uint32_t chunks) {
  CollectorStats stats;
  UploadSession session(store, {}, stats);
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
    if (!MountPrivateDisk(dir.path(), "64k")) return "no mount";
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
