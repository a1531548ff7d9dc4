#include "collector/history/retention.h"

#include <doctest/doctest.h>

#include "tests/support/log_capture.h"
#include "tests/unit/collector/history/query_fixture.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class RetentionFixture : public QueryFixture {
 public:
  RetentionFixture() {
    config.chunk_every = 600s;  // Fewer waits for the disk.
    config.sync_every = 60s;
    Reopen();
  }
  void Reopen() {
    Close();
    Open();
  }
  void SendFor(std::chrono::hours time) {
    for (auto end = scheduler.WallNow() + time; scheduler.WallNow() < end;) {
      Send("a", scheduler.WallNow(), 1);
      scheduler.Advance(10min);
    }
  }
  [[nodiscard]] std::size_t Files(const char* tier) const {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(config.directory / tier)) {
      if (entry.path().extension() == ".db") ++count;
    }
    return count;
  }
};

TEST_CASE_FIXTURE(RetentionFixture, "each kind is deleted when its time has passed") {
  config.raw_retention = 5h;
  config.minute_retention = 48h;
  config.hour_retention = 24h * 40;
  Reopen();
  SendFor(24h * 4);
  CHECK(Files("raw") == 6);     // The one being written, and all that ended within five hours.
  CHECK(Files("minute") == 3);  // Likewise, days.
  CHECK(Files("hour") == 1);
  scheduler.clock().StepWall(24h * 75);
  scheduler.Advance(2min);
  CHECK(Files("raw") == 0);
  CHECK(Files("minute") == 0);
  CHECK(Files("hour") == 0);
  CHECK(stats.history_files_deleted > 90);
}

TEST_CASE_FIXTURE(RetentionFixture,
                  "very old samples are in the minutes before their hour is deleted") {
  config.raw_retention = 5h;
  Reopen();
  const WallTime old = scheduler.WallNow() - 50h;
  for (int i = 0; i < 5; ++i) Send("a", old + i * 1s, i);
  scheduler.Advance(1h);
  CHECK(Files("raw") == 0);
  const HistoryAnswer answer = CpuUsage("a");
  REQUIRE(answer.series.size() == 1);
  REQUIRE(answer.series[0].buckets.size() == 1);
  CHECK(answer.series[0].buckets[0].count == 5);
}

TEST_CASE_FIXTURE(RetentionFixture,
                  "when all files together are too large, the oldest go, raw first") {
  SendFor(30h);
  scheduler.Advance(1h);
  const std::size_t raw = Files("raw");
  CHECK(raw > 25);
  LogCapture logged;
  Close();
  config.max_size = {SizeOf(config.directory).count - KiB(100).count};
  Open();
  scheduler.Advance(2min);
  CHECK(SizeOf(config.directory) <= config.max_size);
  CHECK(Files("raw") < raw);
  CHECK(Files("raw") > 5);
  CHECK(Files("minute") == 3);
  CHECK(stats.history_bytes == SizeOf(config.directory).count);
  CHECK(logged.Take().back().find("(history.max_size): the oldest") != std::string::npos);

  config.max_size = KiB(10);  // Less than can be.
  Reopen();
  scheduler.Advance(2min);
  CHECK(Files("raw") == 1);
  CHECK(Files("minute") == 1);
  CHECK(Files("hour") == 1);
  Send("a", scheduler.WallNow(), 1);  // And it still stores.
  scheduler.Advance(2min);
  CHECK(stats.history_write_errors == 0);
}

TEST_CASE_FIXTURE(RetentionFixture, "damaged files that were set aside go first") {
  SendFor(3h);
  static_cast<void>(home.Write("history/raw/2020-01-01T00.db.damaged", std::string(500'000, 'x')));
  Close();
  config.max_size = {SizeOf(config.directory).count - 1};
  const std::size_t raw = Files("raw");
  Open();
  LogCapture logged;
  scheduler.Advance(2min);
  CHECK_FALSE(fs::exists(config.directory / "raw" / "2020-01-01T00.db.damaged"));
  CHECK(Files("raw") == raw);
}

}  // namespace
}  // namespace edgefeed
