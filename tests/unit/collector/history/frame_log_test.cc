#include "collector/history/frame_log.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <random>

#include "collector/history/log_record.h"
#include "common/base/file.h"
#include "tests/support/log_capture.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/collector/history/file_size_limit.h"
#include "tests/unit/collector/history/frame_fixture.h"

namespace edgefeed {
namespace {

namespace fs = std::filesystem;

// Writes device names, three a batch, and reads them back.
class LogFixture {
 public:
  LogFixture() : directory(home.path() / "log") { Reopen(); }

  void Reopen(Bytes segment_size = MiB(64)) {
    log.reset();
    names.clear();
    auto found = ReadLog(directory, [this](Lsn lsn, const Entry& entry) {
      CHECK(names.emplace(lsn, std::get<DeviceName>(entry).name).second);  // Once.
    });
    REQUIRE(found);
    segments = *found;
    auto opened = FrameLog::Open(directory, *found, segment_size);
    REQUIRE(opened);
    log = std::move(*opened);
  }

  Status Append() {
    std::string entries;
    const Lsn first = next;
    for (int i = 0; i < 3; ++i, ++next) PutDeviceName(1, "name " + std::to_string(next), entries);
    const LogBatch batch{first, next - 1, entries};
    Status appended = log->Append({&batch, 1});
    if (!appended) next = first;
    return appended;
  }
  void AppendMany(int batches) {
    for (int i = 0; i < batches; ++i) REQUIRE(Append());
  }

  // The names are those from `first` to `last`, and no other.
  void CheckNames(Lsn first, Lsn last) const {
    CHECK(names.size() == last - first + 1);
    for (Lsn lsn = first; lsn <= last; ++lsn) {
      CAPTURE(lsn);
      REQUIRE(names.contains(lsn));
      CHECK(names.at(lsn) == "name " + std::to_string(lsn));
    }
  }

  [[nodiscard]] fs::path Segment(int number) const {
    return directory / ("0000000" + std::to_string(number) + ".log");
  }

  TempDir home;
  fs::path directory;
  std::unique_ptr<FrameLog> log;
  std::vector<LogSegment> segments;
  std::map<Lsn, std::string> names;
  Lsn next = 1;
};

std::string Read(const fs::path& path) { return *ReadSmallFile(path); }
void Write(const fs::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

TEST_CASE_FIXTURE(LogFixture, "what was appended is read back, also over several openings") {
  CheckNames(1, 0);
  AppendMany(2);
  Reopen();
  CheckNames(1, 6);
  AppendMany(1);
  Reopen();
  CheckNames(1, 9);
  CHECK(segments.size() == 2);
}

TEST_CASE_FIXTURE(LogFixture, "a segment that is full is followed by another") {
  Reopen(Bytes{100});
  AppendMany(10);
  CHECK(log->segments().size() > 3);
  CHECK(log->size().count > 300);
  Reopen();
  CheckNames(1, 30);
}

TEST_CASE_FIXTURE(LogFixture, "segments are dropped when all that they hold is elsewhere") {
  AppendMany(1);
  log->Roll();
  AppendMany(1);
  log->Roll();
  AppendMany(1);
  REQUIRE(log->DropUpTo(5));
  CHECK_FALSE(fs::exists(Segment(1)));
  CHECK(fs::exists(Segment(2)));
  REQUIRE(log->DropUpTo(9));
  CHECK_FALSE(fs::exists(Segment(2)));
  CHECK(fs::exists(Segment(3)));  // Being written.
  Reopen();
  CheckNames(7, 9);
  REQUIRE(log->DropUpTo(9));
  CHECK_FALSE(fs::exists(Segment(3)));
}

TEST_CASE_FIXTURE(LogFixture, "a log that is cut off anywhere gives the records before, unharmed") {
  AppendMany(4);
  const std::string whole = Read(Segment(1));
  std::size_t read = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    LogCapture logged;
    Write(Segment(1), std::string_view(whole).substr(0, size));
    Reopen();
    CheckNames(1, names.size());
    CHECK(names.size() >= read);
    read = names.size();
    REQUIRE(segments.size() == 1);
    CHECK_FALSE(segments[0].damaged);
  }
  CHECK(read == 9);
}

TEST_CASE_FIXTURE(LogFixture, "blocks that were never filled are the end of the log") {
  AppendMany(1);
  std::ofstream(Segment(1), std::ios::app | std::ios::binary) << std::string(4096, '\0');
  LogCapture logged;
  Reopen();
  CheckNames(1, 3);
  CHECK_FALSE(segments[0].damaged);
}

TEST_CASE_FIXTURE(LogFixture, "a flipped bit costs one record, and the file is set aside") {
  AppendMany(4);
  const std::string whole = Read(Segment(1));
  std::mt19937 random(7);
  for (int i = 0; i < 300; ++i) {
    std::string flipped = whole;
    const std::size_t at =
        kSegmentHeader.size() + random() % (whole.size() - kSegmentHeader.size());
    CAPTURE(at);
    flipped[at] = static_cast<char>(static_cast<unsigned char>(flipped[at]) ^ (1U << random() % 8));
    Write(Segment(1), flipped);
    LogCapture logged;
    Reopen();
    CHECK(names.size() == 9);
    for (const auto& [lsn, name] : names) CHECK(name == "name " + std::to_string(lsn));
    CHECK(segments[0].damaged == (logged.Take().front().find("damaged") != std::string::npos));
  }
  REQUIRE(log->DropUpTo(next));
  CHECK_FALSE(fs::exists(Segment(1)));
  CHECK(fs::exists(Segment(1).string() + ".damaged") == segments[0].damaged);
}

TEST_CASE_FIXTURE(LogFixture, "a file that is no segment is said to be damaged") {
  AppendMany(1);
  Write(Segment(1), "something else");
  LogCapture logged;
  Reopen();
  CHECK(names.empty());
  CHECK(segments[0].damaged);
  CHECK(logged.Take() ==
        std::vector<std::string>{"error history: " + Segment(1).string() + ": not a segment"});
}

TEST_CASE_FIXTURE(LogFixture, "a full disk is an error with its name, and nothing is lost by it") {
  AppendMany(2);
  {
    const FileSizeLimit full(Read(Segment(1)).size() + 30);
    const Status appended = Append();
    REQUIRE_FALSE(appended);
    CHECK(appended.error().message == Segment(1).string() + ": File too large");
  }
  AppendMany(2);
  Reopen();
  CheckNames(1, 12);
  CHECK(std::ranges::none_of(segments, &LogSegment::damaged));
}

TEST_CASE_FIXTURE(LogFixture, "a disk that takes not even a new segment leaves none behind") {
  const FileSizeLimit full(3);
  CHECK_FALSE(Append());
  CHECK(fs::is_empty(directory));
}

TEST_CASE_FIXTURE(LogFixture,
                  "records that were written twice, because a sync failed, count once") {
  AppendMany(3);
  fs::copy(Segment(1), Segment(2));
  Reopen();
  CheckNames(1, 9);
}

// Records with one frame of each of two devices, whose differences need the records before.
class ChainFixture {
 public:
  ChainFixture() {
    auto opened = FrameLog::Open(directory, {});
    REQUIRE(opened);
    log = std::move(*opened);
  }
  void Append(int records) {
    for (int i = 0; i < records; ++i, ++second) {
      std::string entries;
      Put(MakeFrame(1, second), entries);
      Put(MakeFrame(2, second), entries);
      const auto first = FirstLsn(second);
      const LogBatch batch{first, first + 1, entries};
      REQUIRE(log->Append({&batch, 1}));
    }
  }
  // The seconds of which both frames are there as they were.
  std::vector<int> ReadSeconds() {
    std::map<Lsn, SampleFrame> frames;
    auto found = ReadLog(directory, [&frames](Lsn lsn, const Entry& entry) {
      CHECK(frames.emplace(lsn, edgefeed::Read(std::get<Frame>(entry))).second);  // Once.
    });
    REQUIRE(found);
    segments = *found;
    std::vector<int> seconds;
    for (int i = 0; i < second; ++i) {
      const auto first = FirstLsn(i);
      CHECK(frames.contains(first) == frames.contains(first + 1));
      if (!frames.contains(first)) continue;
      CHECK(frames.at(first) == MakeFrame(1, i));
      CHECK(frames.at(first + 1) == MakeFrame(2, i));
      seconds.push_back(i);
    }
    return seconds;
  }
  static Lsn FirstLsn(int record) { return 2 * static_cast<Lsn>(record) + 1; }
  static std::vector<int> Range(int begin, int end) {
    std::vector<int> numbers;
    for (int i = begin; i < end; ++i) numbers.push_back(i);
    return numbers;
  }

  TempDir home;
  fs::path directory = home.path() / "log";
  std::unique_ptr<FrameLog> log;
  std::vector<LogSegment> segments;
  int second = 0;
};

TEST_CASE_FIXTURE(ChainFixture, "frames are read back over segments, each of which stands alone") {
  Append(20);
  log->Roll();
  Append(20);
  CHECK(ReadSeconds() == Range(0, 40));
  fs::remove(segments[0].path);
  CHECK(ReadSeconds() == Range(20, 40));
  CHECK(segments[0].unreadable == 0);
}

TEST_CASE_FIXTURE(ChainFixture,
                  "a damaged record costs those up to the next that begins anew, and no other") {
  Append(kRecordsOfChains + 20);
  log->Roll();
  Append(5);
  REQUIRE(ReadSeconds() == Range(0, kRecordsOfChains + 25));
  std::string bytes = Read(segments[0].path);
  std::size_t at = 0;
  for (int record = 0; record < 7; ++record) at = bytes.find(kRecordMagic, at + 1);
  bytes[at + 25] = static_cast<char>(static_cast<unsigned char>(bytes[at + 25]) ^ 4U);
  Write(segments[0].path, bytes);

  LogCapture logged;
  std::vector<int> expected = Range(0, 6);
  std::ranges::copy(Range(kRecordsOfChains, kRecordsOfChains + 25), std::back_inserter(expected));
  CHECK(ReadSeconds() == expected);
  CHECK(segments[0].damaged);
  CHECK(segments[0].unreadable == 2 * (kRecordsOfChains - 6));
  CHECK_FALSE(segments[1].damaged);
}

TEST_CASE_FIXTURE(ChainFixture,
                  "records that are there twice count once, and those after them too") {
  Append(3);
  const std::string first = Read(directory / "00000001.log");
  Append(3);
  // As after a failed sync whose records had reached the disk nevertheless.
  fs::rename(directory / "00000001.log", directory / "00000002.log");
  Write(directory / "00000001.log", first);
  CHECK(ReadSeconds() == Range(0, 6));
  CHECK(std::ranges::none_of(segments, &LogSegment::damaged));
}

}  // namespace
}  // namespace edgefeed
