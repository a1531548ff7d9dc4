#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <random>

#include "collector/history/log_record.h"
#include "common/base/file.h"
#include "tests/support/log_capture.h"
#include "tests/unit/collector/history/history_fixture.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

// A small fleet that sends at random, also old samples of an earlier stream, over the turn of an
// hour; chunks are written every few seconds so that crashes fall between all the steps.
class CrashFixture : public HistoryFixture {
 public:
  CrashFixture() {
    config.chunk_every = 4s;
    config.sync_every = 300ms;
    config.checkpoint_every = 1s;
    scheduler.clock().StepWall(46min);
  }

  void SendSome() {
    for (int i = 0; i < 3; ++i) {
      const std::string device(1, static_cast<char>('a' + random() % 5));
      Sample sample = Next(device);
      if (random() % 8 == 0) sample.time -= std::chrono::minutes(random() % 50);
      REQUIRE(writer->Append(device, sample, scheduler.WallNow()));
    }
    scheduler.Advance(std::chrono::milliseconds(random() % 300));
  }

  // What a crash now would leave.
  HistoryConfig CopyFiles() {
    HistoryConfig copy = config;
    copy.directory = home.path() / "copy";
    fs::remove_all(copy.directory);
    fs::copy(config.directory, copy.directory, fs::copy_options::recursive);
    return copy;
  }

  // Everything reported is there once, nothing is there twice, and counts are exact.
  void CheckCopy(const HistoryConfig& copy) const {
    const auto counts = CountSamples(copy);
    for (const auto& [key, sequence] : stored) {
      REQUIRE(counts.contains(key.first));
      CHECK(counts.at(key.first).size() >= sequence);
    }
    for (const auto& [device, of_device] : counts) CheckOnce(of_device);
    CheckInventory(copy, counts);
  }
  static void CheckOnce(const std::map<std::uint64_t, int>& of_device) {
    std::map<std::uint64_t, int> once;
    for (std::uint64_t i = 1; i <= of_device.size(); ++i) once[i] = 1;
    CHECK(of_device == once);
  }
  void CheckInventory(const HistoryConfig& copy, const SampleCounts::ByDevice& counts) const {
    CollectorStats copy_stats;
    const auto state = Recover(copy, scheduler.WallNow(), copy_stats);
    if (!state) FAIL(state.error().message);
    for (const auto& [number, device] : state->inventory.devices()) {
      const std::uint64_t there = counts.contains(device.name) ? counts.at(device.name).size() : 0;
      CHECK(device.request_count == there);
      const std::vector<StreamPosition> stored_of_it{{1, there}};
      CHECK((there == 0 || device.stored == stored_of_it));
    }
  }

  std::mt19937 random{20'261'125};
};

TEST_CASE_FIXTURE(CrashFixture, "a crash at any moment loses nothing stored, and doubles nothing") {
  LogCapture logged;
  Open();
  for (int trial = 0; trial < 25; ++trial) {
    CAPTURE(trial);
    const auto rounds = random() % 30;
    for (std::size_t i = 0; i < rounds; ++i) SendSome();
    CheckCopy(CopyFiles());
  }
  CHECK(stats.history_write_errors == 0);
}

TEST_CASE_FIXTURE(CrashFixture, "crash after crash, the history goes on where it was") {
  LogCapture logged;
  for (int trial = 0; trial < 25; ++trial) {
    CAPTURE(trial);
    Open();
    for (const KnownDevice& device : history->inventory()) {
      // The devices send again what is not stored.
      sent[{device.name, 1}] = device.stored.at(0).sequence;
    }
    for (int i = 0; i < 5; ++i) {
      const std::string device(1, static_cast<char>('a' + i));
      if (Device(device).name.empty()) sent[{device, 1}] = 0;
    }
    const auto rounds = random() % 40;
    for (std::size_t i = 0; i < rounds; ++i) SendSome();
    random() % 4 == 0 ? Close() : End();
    CheckCopy(CopyFiles());
  }
}

TEST_CASE_FIXTURE(CrashFixture, "a log torn anywhere after its last sync loses nothing stored") {
  LogCapture logged;
  Open();
  for (int trial = 0; trial < 25; ++trial) {
    CAPTURE(trial);
    const auto rounds = 1 + random() % 10;
    for (std::size_t i = 0; i < rounds; ++i) SendSome();
    const HistoryConfig copy = CopyFiles();
    const auto segments = *ListLogSegments(copy.directory / "log");
    if (segments.empty()) continue;
    // What a write that the crash interrupted may have left behind the synced bytes.
    const std::string bytes = *ReadSmallFile(segments.back().path);
    const std::string record = bytes.substr(bytes.rfind(kRecordMagic));
    const std::string tail = record.substr(0, random() % record.size());
    std::ofstream(segments.back().path, std::ios::app | std::ios::binary) << tail;
    CheckCopy(copy);
  }
}

// A history in a process of its own, which tells through a pipe what was said to be stored.
class Victim {
 public:
  explicit Victim(CrashFixture& world) {
    int ends[2] = {-1, -1};
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    from_.Reset(ends[0]);
    UniqueFd to(ends[1]);
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ > 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    world.Open();
    while (true) {
      world.SendSome();
      for (const auto& [key, sequence] : world.stored) {
        const Report report{key.first[0], sequence};
        if (::write(to.get(), &report, sizeof(report)) != sizeof(report)) ::_exit(1);
      }
      world.stored.clear();
    }
  }
  ~Victim() { Kill(); }
  Victim(const Victim&) = delete;
  Victim& operator=(const Victim&) = delete;

  // Adds the next report to `stored`; false when there will be none.
  bool Read(std::map<std::pair<std::string, StreamId>, std::uint64_t>& stored) const {
    Report report;
    if (::read(from_.get(), &report, sizeof(report)) != sizeof(report)) return false;
    stored[{std::string(1, report.device), 1}] = report.sequence;
    return true;
  }
  void Kill() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  struct Report {
    char device = 0;
    std::uint64_t sequence = 0;
  };
  UniqueFd from_;
  pid_t pid_ = -1;
};

TEST_CASE("kill -9 in the middle of any call loses nothing stored, and doubles nothing") {
  for (unsigned trial = 0; trial < 20; ++trial) {
    CAPTURE(trial);
    LogCapture logged;
    CrashFixture world;
    world.random.seed(trial);
    Victim victim(world);
    for (unsigned reports = 0; reports < 10 * trial; ++reports) REQUIRE(victim.Read(world.stored));
    victim.Kill();
    while (victim.Read(world.stored)) {
    }
    world.CheckCopy(world.config);
  }
}

}  // namespace
}  // namespace edgefeed
