#include "collector/history/log_tail.h"

#include <doctest/doctest.h>

#include <fstream>
#include <map>

#include "tests/support/log_capture.h"
#include "tests/unit/collector/history/history_fixture.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::size_t kAll = 1'000'000;

// A history whose log is read by one who hands on.
class TailFixture : public HistoryFixture {
 public:
  ~TailFixture() { tail.reset(); }

  void Open(std::optional<std::uint64_t> after = std::nullopt) {
    auto opened = History::Open(config, scheduler, stats);
    REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message));
    history = std::move(*opened);
    tail = history->Follow(scheduler, after, [this] { ++told; });
    writer = NewWriter(series);
  }
  void Crash() {
    End();
    tail.reset();
  }
  void CloseAll() {
    Close();
    tail.reset();
  }
  void Store(const std::string& device, int samples) {
    for (int i = 0; i < samples; ++i) {
      REQUIRE(Append(device));
      scheduler.Advance(1s);
    }
    scheduler.Advance(1s);
  }
  // What comes next, as numbers of the device's samples.
  std::vector<int> Read(std::size_t values = kAll) {
    auto run = tail->Next(values);
    REQUIRE_MESSAGE(run, (run ? "" : run.error().message));
    unreadable += run->unreadable;
    std::vector<int> numbers;
    for (const StoredSample& sample : run->samples) {
      CHECK(sample.place > place);
      place = sample.place;
      CHECK(*sample.device == "edge-07");
      REQUIRE(sample.sample.readings.size() == 1);
      CHECK(ToString(tail->series(sample.sample.readings[0].series)) == "disk{device=\"sda\"}");
      CHECK(sample.sample.readings[0].value == sample.sample.cpu_usage_percent / 8);
      numbers.push_back(static_cast<int>(sample.sample.cpu_usage_percent));
    }
    return numbers;
  }
  [[nodiscard]] std::size_t OutboxFiles() const {
    const auto kept = ListLogSegments(config.directory / kOutboxDirectory);
    REQUIRE(kept);
    return kept->size();
  }
  // Long enough for everything to be in its partition, and the log to be let go.
  void LetLogGo() { scheduler.Advance(20min); }

  std::unique_ptr<StoredSamples> tail;
  std::uint64_t place = 0;
  std::uint64_t unreadable = 0;
  int told = 0;
};

std::vector<int> Numbers(int first, int last) {
  std::vector<int> numbers;
  for (int number = first; number <= last; ++number) numbers.push_back(number);
  return numbers;
}

TEST_CASE_FIXTURE(TailFixture, "what is stored is given once, in order, when it is stored") {
  Open();
  CHECK(Read().empty());
  REQUIRE(Append("edge-07"));
  CHECK(Read().empty());  // Not on stable storage yet.
  CHECK(told == 0);
  scheduler.Advance(2s);
  CHECK(told > 0);
  CHECK(Read() == Numbers(1, 1));
  CHECK(Read().empty());
  Store("edge-07", 3);
  CHECK(Read() == Numbers(2, 4));
}

TEST_CASE_FIXTURE(TailFixture, "it begins with what is stored from now on") {
  HistoryFixture::Open();
  Store("edge-07", 3);
  End();

  Open();
  Store("edge-07", 2);
  CHECK(Read() == Numbers(4, 5));
}

TEST_CASE_FIXTURE(TailFixture, "it can be read in small parts, and again from any place") {
  Open();
  Store("edge-07", 9);
  std::vector<int> numbers;
  std::vector<std::uint64_t> places;
  for (auto some = Read(1); !some.empty(); some = Read(1)) {
    numbers.insert(numbers.end(), some.begin(), some.end());
    places.push_back(place);
  }
  CHECK(numbers == Numbers(1, 9));
  REQUIRE(places.size() > 2);
  const auto third = places[2];
  SUBCASE("after a crash") { Crash(); }
  SUBCASE("after a clean stop, which empties the log") { CloseAll(); }
  place = third;
  Open(third);
  CHECK(Read() == Numbers(4, 9));
}

TEST_CASE_FIXTURE(TailFixture, "the log keeps what is not done with, and nothing else") {
  config.log_segment_size = KiB(1);
  Open();
  Store("edge-07", 50);
  LetLogGo();
  REQUIRE(OutboxFiles() >= 1);
  const std::size_t kept = OutboxFiles();
  CHECK(stats.history_outbox_bytes > 0);
  CHECK(Read() == Numbers(1, 50));
  LetLogGo();
  CHECK(OutboxFiles() == kept);
  tail->Done(place);
  LetLogGo();
  CHECK(OutboxFiles() == 0);
  CHECK(stats.history_outbox_bytes == 0);
}

TEST_CASE_FIXTURE(TailFixture, "what waits in the outbox is read again by no start, and not lost") {
  config.log_segment_size = KiB(1);
  Open();
  for (int run = 0; run < 4; ++run) {
    Store("edge-07", 10);
    CloseAll();
    CHECK(ListLogSegments(config.directory / "log")->empty());
    Open(0);
  }
  Store("edge-07", 10);
  CHECK(Read() == Numbers(1, 50));
  Crash();
  CHECK(CountSamples(config).at("edge-07").size() == 50);
}

TEST_CASE_FIXTURE(TailFixture, "nobody follows any more: the outbox is emptied") {
  Open();
  Store("edge-07", 10);
  CloseAll();
  REQUIRE(OutboxFiles() == 1);
  HistoryFixture::Open();
  scheduler.Advance(2min);
  CHECK(OutboxFiles() == 0);
}

TEST_CASE_FIXTURE(TailFixture, "a place that the history has not reached yet is of another one") {
  Open(std::uint64_t{1} << 60);
  Store("edge-07", 2);
  CHECK(Read() == Numbers(1, 2));
}

TEST_CASE_FIXTURE(TailFixture, "a damaged record costs what depends on it, and is counted") {
  LogCapture log;
  config.log_segment_size = KiB(1);
  Open();
  Store("edge-07", 100);
  LetLogGo();
  const auto kept = ListLogSegments(config.directory / kOutboxDirectory);
  REQUIRE(kept->size() >= 2);
  const auto size = static_cast<std::streamoff>(kept->front().size);
  {
    std::fstream file(kept->front().path, std::ios::in | std::ios::out | std::ios::binary);
    SUBCASE("in the middle") { file.seekp(size / 2); }
    SUBCASE("at its very beginning, with a size that cannot be") { file.seekp(8); }
    file << "damage of many bytes";
  }
  const auto numbers = Read();
  CHECK(numbers.size() < 100);
  // Entries that are no samples count as well; of a record at the very beginning nothing is known.
  CHECK(numbers.size() + unreadable >= 99);
  REQUIRE_FALSE(numbers.empty());
  CHECK(numbers.back() == 100);
  CHECK_FALSE(log.Take().empty());
}

TEST_CASE_FIXTURE(TailFixture, "what is too old, or too much, has expired") {
  config.log_segment_size = KiB(1);
  Open();
  Store("edge-07", 100);
  LetLogGo();
  const auto kept = ListLogSegments(config.directory / kOutboxDirectory);
  REQUIRE(kept->size() >= 3);
  SUBCASE("nothing is") {
    CHECK(tail->ExpiredUpTo() == 0);
    return;
  }
  std::size_t expired = 2;
  SUBCASE("by age") {
    const auto now = std::chrono::file_clock::from_sys(
        std::chrono::time_point_cast<std::chrono::nanoseconds>(scheduler.WallNow()));
    for (std::size_t i = 0; i < kept->size(); ++i) {
      fs::last_write_time((*kept)[i].path, now - (i < expired ? 73h : 71h));
    }
  }
  SUBCASE("by size") {
    std::uint64_t fresh_bytes = 0;
    for (std::size_t i = expired; i < kept->size(); ++i) fresh_bytes += (*kept)[i].size;
    CloseAll();
    config.max_size = {4 * fresh_bytes};
    Open(0);
  }
  const std::uint64_t up_to = tail->ExpiredUpTo();
  CHECK(up_to > 0);
  CHECK(FirstLsn((*kept)[expired].path) == up_to + 1);
}

}  // namespace
}  // namespace edgefeed
