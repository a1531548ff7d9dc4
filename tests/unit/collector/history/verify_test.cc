#include "collector/history/verify.h"

#include <doctest/doctest.h>

#include <fstream>
#include <random>

#include "common/base/file.h"
#include "tests/support/log_capture.h"
#include "tests/unit/collector/history/query_fixture.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class VerifyFixture : public QueryFixture {
 public:
  VerifyFixture() {
    Close();
    config.chunk_every = 600s;  // Fewer waits for the disk.
    config.sync_every = 60s;
    Open();
  }
  // Samples in partitions of several hours, in minutes, in hours, in memory and in the log.
  void Fill() {
    for (int i = 0; i < 27 * 60; i += 5) {
      REQUIRE(Append("a"));
      REQUIRE(Append("b"));
      scheduler.Advance(5min);
    }
    REQUIRE(Append("a"));
    scheduler.Advance(2min);
  }
  [[nodiscard]] fs::path AnyOf(const char* kind) const {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(config.directory / kind)) {
      if (entry.path().extension() == ".db") paths.push_back(entry.path());
    }
    REQUIRE_FALSE(paths.empty());
    return *std::ranges::min_element(paths);
  }
  static void FlipBytes(const fs::path& path, std::size_t from) {
    std::string bytes = *ReadSmallFile(path);
    REQUIRE(bytes.size() > from + 8);
    for (std::size_t i = 0; i < 8; ++i) bytes[from + i] = static_cast<char>(~bytes[from + i]);
    std::ofstream(path, std::ios::binary) << bytes;
  }
};

TEST_CASE_FIXTURE(VerifyFixture, "a history that runs is found to be whole") {
  Fill();
  const VerifyReport report = VerifyHistory(config.directory);
  CHECK(report.damage == std::vector<std::string>{});
  CHECK(report.files > 30);
  CHECK(report.samples > 600);
  CHECK(report.samples <= stats.history_samples);
  CHECK(report.rollups > 50);
  CHECK(report.log_entries > 0);
}

TEST_CASE_FIXTURE(VerifyFixture, "damage is found and named, wherever it is") {
  Fill();
  Close();
  CHECK(VerifyHistory(config.directory).damage.empty());
  LogCapture logged;
  for (const char* kind : {"raw", "minute", "hour"}) {
    CAPTURE(kind);
    const fs::path path = AnyOf(kind);
    const std::string good = *ReadSmallFile(path);
    const std::size_t data = good.rfind("\x28\xB5\x2F\xFD");  // zstd's magic: a row's data.
    REQUIRE(data != std::string::npos);
    FlipBytes(path, data);
    const VerifyReport report = VerifyHistory(config.directory);
    REQUIRE(report.damage.size() == 1);
    CHECK(report.damage[0].starts_with(path.string() + ": "));
    std::ofstream(path, std::ios::binary) << good;
  }
  const fs::path names = config.directory / "names" / "00000001.log";
  FlipBytes(names, 30);
  CHECK(VerifyHistory(config.directory).damage ==
        std::vector<std::string>{names.string() + ": damaged records"});
  FlipBytes(names, 30);
  std::ofstream(config.directory / "meta.db", std::ios::binary) << std::string(20'000, 'x');
  const VerifyReport report = VerifyHistory(config.directory);
  REQUIRE_FALSE(report.damage.empty());
  CHECK(report.damage[0].starts_with((config.directory / "meta.db").string() + ": "));
}

}  // namespace
}  // namespace edgefeed
