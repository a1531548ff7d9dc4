// Samples of a device whose clock is wrong, over power cuts.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "agent/clock/device_clock.h"
#include "agent/outbox/outbox.h"
#include "tests/support/log_capture.h"
#include "tests/support/manual_scheduler.h"
#include "tests/support/memory_storage.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::seconds;

const WallTime kNeverSet = FromUnixMillis(5000);

// A sample as the collector gets it.
struct Delivered {
  WallTime time;
  ClockTrust trust = ClockTrust::kUnknown;
  WallTime truth;  // When it was taken.

  [[nodiscard]] milliseconds error() const { return time - truth; }
};

// A device over its boots: disk, clocks, and the true time beside them.
class Board {
 public:
  // The power is back, `off` after it went; the clock shows `shown`.
  void Boot(seconds off, WallTime shown) {
    outbox_.reset();
    storage.CutPower();
    core_.emplace();
    truth_ += off;
    SetClock(shown);
    synchronized = false;
    ++boots_;
    StartAgent();
  }
  // As after a crash.
  void RestartAgent() {
    outbox_.reset();
    StartAgent();
  }

  void SetClock(WallTime shown) { core_->clock().StepWall(shown - core_->WallNow()); }
  void Step(milliseconds by) { core_->clock().StepWall(by); }
  void LearnFromCollector() { clock_->Learn(truth_, 0ms); }
  [[nodiscard]] WallTime truth() const { return truth_; }
  [[nodiscard]] std::uint64_t bytes_written() const { return outbox_->counts().disk.bytes_written; }

  // A sample a second.
  void Run(seconds time) {
    for (seconds passed(0); passed < time; ++passed) {
      truths_.push_back(truth_);
      Sample sample{.since_boot = core_->SinceBoot(),
                    .cpu_usage_percent = static_cast<double>(truths_.size() - 1)};
      clock_->Stamp(sample);
      outbox_->Accept(std::move(sample));
      Settle();
      core_->Advance(1s);
      truth_ += 1s;
      Settle();
    }
  }

  // Connects to a collector that knows the time, and gives it everything, oldest first.
  std::vector<Delivered> Deliver() {
    outbox_->BeginConnection();
    LearnFromCollector();
    std::vector<Delivered> delivered;
    while (outbox_->HasBacklog()) {
      outbox_->TakeBacklog(60,
                           [&](SampleBatch batch) { Send(std::move(batch.samples), delivered); });
      Settle();
    }
    Send(outbox_->TakeLive(1000).samples, delivered);
    return delivered;
  }

  LogCapture log;
  MemoryStorage storage;
  bool synchronized = false;  // What the kernel says of its clock.

 private:
  void StartAgent() {
    disk_.emplace();
    clock_.emplace(*core_, [this] { return synchronized; });
    outbox_.emplace(DiskLane::Context{*core_, *disk_, storage, series_, *clock_}, OutboxLimits{},
                    BootId{boots_}, [this] { return random_(); });
  }
  void Settle() {
    for (int i = 0; i < 4; ++i) {
      disk_->RunUntilIdle();
      core_->RunUntilIdle();
    }
  }
  // As Delivery does.
  void Send(std::vector<Sample> samples, std::vector<Delivered>& delivered) {
    for (Sample& sample : samples) {
      clock_->Stamp(sample);
      const auto number = static_cast<std::size_t>(sample.cpu_usage_percent);
      delivered.push_back({sample.time, sample.clock, truths_[number]});
    }
  }

  std::mt19937_64 random_{1};
  SeriesTable series_{10};
  WallTime truth_ = FromUnixMillis(1'800'000'000'000);
  std::vector<WallTime> truths_;  // By the number of the sample.
  std::uint8_t boots_ = 0;
  std::optional<ManualScheduler> core_;
  std::optional<ManualScheduler> disk_;
  std::optional<DeviceClock> clock_;
  std::optional<Outbox> outbox_;
};

milliseconds LargestError(const std::vector<Delivered>& delivered) {
  milliseconds largest{0};
  for (const Delivered& sample : delivered) {
    largest = std::max(largest, std::chrono::abs(sample.error()));
  }
  return largest;
}

std::ptrdiff_t Count(const std::vector<Delivered>& delivered, ClockTrust trust) {
  return std::ranges::count(delivered, trust, &Delivered::trust);
}

// In order, none before it was taken, none later than now.
void CheckOrder(const std::vector<Delivered>& delivered, const Board& board) {
  CHECK(std::ranges::is_sorted(delivered, std::ranges::less_equal(), &Delivered::time));
  for (const Delivered& sample : delivered) {
    CHECK(sample.error() >= -1s);
    CHECK(sample.time <= board.truth());
  }
}

// How often the error changes: within a boot it must not.
std::size_t CountOffsets(const std::vector<Delivered>& delivered) {
  std::vector<milliseconds> errors(delivered.size());
  std::ranges::transform(delivered, errors.begin(), &Delivered::error);
  return static_cast<std::size_t>(std::ranges::unique(errors).begin() - errors.begin());
}

TEST_CASE("boots whose clock was never set are placed in a row, right before the one that is") {
  Board board;
  for (const seconds off : {seconds(0), seconds(1h), seconds(30min)}) {
    board.Boot(off, kNeverSet);
    board.Run(200s);
  }

  const auto delivered = board.Deliver();

  CHECK(Count(delivered, ClockTrust::kGuess) >= 2 * (200 - 70));
  CHECK(Count(delivered, ClockTrust::kCollector) == 200);
  CheckOrder(delivered, board);
  CHECK(CountOffsets(delivered) == 3);
  CHECK(delivered.back().error() == 0s);
  // As late as can be: the second boot's last sample just when the third began.
  const auto last = std::ranges::find(delivered, ClockTrust::kCollector, &Delivered::trust) - 1;
  CHECK(last->time == board.truth() - 201s);
  CHECK(board.log.Take().at(1) ==
        "warning outbox: earlier boots in which the clock was never set: 1; their samples are "
        "placed as late as they can have been");
}

TEST_CASE("a clock that is set at the end of a boot dates all of the boot, in the next one too") {
  Board board;
  board.Boot(0s, kNeverSet);
  board.Run(200s);
  ClockTrust expected = ClockTrust::kUnknown;
  SUBCASE("by the kernel") {
    board.SetClock(board.truth());
    board.synchronized = true;
    expected = ClockTrust::kKernel;
  }
  SUBCASE("by the collector, which then was lost") {
    board.LearnFromCollector();
    expected = ClockTrust::kCollector;
  }
  SUBCASE("by hand") {
    board.SetClock(board.truth());
    expected = ClockTrust::kDevice;
  }
  board.Run(1s);  // The last sample before the power goes.
  board.Boot(1h, kNeverSet);
  board.Run(5s);

  const auto delivered = board.Deliver();

  CHECK(delivered.size() == 206);
  CHECK(LargestError(delivered) <= 1s);
  CHECK(delivered.front().trust == expected);
  CheckOrder(delivered, board);
}

TEST_CASE("what one run of the agent knew of the time counts for the others of the same boot") {
  Board board;
  board.Boot(0s, kNeverSet);
  board.Run(100s);
  board.LearnFromCollector();
  board.Run(10s);
  board.RestartAgent();
  board.Run(100s);
  board.Boot(1h, kNeverSet);
  board.Run(5s);
  const auto delivered = board.Deliver();
  CHECK(delivered.size() >= 110 + 30 + 5);
  CHECK(LargestError(delivered) <= 1s);
}

TEST_CASE("steps of a clock that was right move nothing, in the next boot either") {
  Board board;
  board.Boot(0s, board.truth());
  board.synchronized = true;
  board.Run(100s);
  board.synchronized = false;
  for (const milliseconds step : {milliseconds(1h), milliseconds(-2h)}) {
    board.Step(step);
    board.Run(100s);
  }
  board.Boot(1h, kNeverSet);
  board.Run(5s);
  const auto delivered = board.Deliver();
  CHECK(delivered.size() >= 300 - 70);
  CHECK(LargestError(delivered) <= 1s);
}

TEST_CASE("a clock with a battery is believed although nobody vouches for it") {
  Board board;
  for (const seconds off : {seconds(0), seconds(5h), seconds(5h)}) {
    board.Boot(off, board.truth() + off);
    board.Run(200s);
  }
  const auto delivered = board.Deliver();
  CHECK(LargestError(delivered) <= 1s);
  CHECK(Count(delivered, ClockTrust::kDevice) >= 2 * (200 - 70));
}

TEST_CASE("a clock that has gone back behind an earlier boot is not believed") {
  Board board;
  board.Boot(0s, board.truth());
  board.Run(200s);
  board.Boot(1h, FromUnixMillis(1'700'000'000'000));  // Its battery is empty.
  board.Run(200s);
  board.Boot(1h, board.truth() + 1h);
  board.Run(5s);
  const auto delivered = board.Deliver();
  CheckOrder(delivered, board);
  CHECK(Count(delivered, ClockTrust::kDevice) >= 200 - 70);
  CHECK(Count(delivered, ClockTrust::kGuess) >= 200 - 70);
  CHECK(delivered.front().error() == 0s);
}

TEST_CASE("a clock that runs ahead of the next boot is not believed") {
  Board board;
  board.Boot(0s, FromUnixMillis(2'200'000'000'000));
  board.Run(200s);
  board.Boot(1h, kNeverSet);
  board.Run(5s);
  const auto delivered = board.Deliver();
  CheckOrder(delivered, board);
  CHECK(Count(delivered, ClockTrust::kGuess) == static_cast<std::ptrdiff_t>(delivered.size()) - 5);
}

TEST_CASE("what dates the samples on disk is written at once, and once") {
  Board board;
  board.Boot(0s, kNeverSet);
  board.Run(200s);
  const auto before = board.bytes_written();
  board.Run(3s);
  CHECK(board.bytes_written() == before);
  board.LearnFromCollector();
  board.Run(1s);
  const auto after = board.bytes_written();
  CHECK(after > before);
  board.Run(3s);
  CHECK(board.bytes_written() == after);
}

TEST_CASE("a time that is learned before anything is on disk writes nothing") {
  Board board;
  board.Boot(0s, kNeverSet);
  board.Run(5s);
  board.LearnFromCollector();
  board.Run(5s);
  CHECK(board.bytes_written() == 0);
}

}  // namespace
}  // namespace edgefeed
