#include "tests/e2e/offline_device.h"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "agent/clock/device_clock.h"
#include "agent/feed/feed.h"
#include "agent/outbox/file_storage.h"
#include "agent/sampler/sampler.h"
#include "tests/support/log_capture.h"
#include "tests/support/manual_scheduler.h"

namespace edgefeed::e2e {
namespace {

constexpr MetricInfo kNumber{"number", Unit::kNone, Kind::kCounter, "", ""};
constexpr MetricInfo kMoving{"moving", Unit::kNone, Kind::kGauge, "n", ""};

// Values that behave alike.
struct Motion {
  int values;
  Kind kind;
  double start;
  double most;        // That it moves by in one interval.
  double quantum;     // What it is a multiple of.
  unsigned stays_in;  // Of ten intervals.
};

// What a board with three disks, two interfaces and two cores tells, in the kernel's units.
constexpr std::array<Motion, 9> kMotions{{
    {18, Kind::kCounter, 1e5, 2, 0.01, 3},    // CPU seconds, by mode and core.
    {8, Kind::kCounter, 5e9, 4e5, 512, 4},    // Bytes of disks.
    {8, Kind::kCounter, 3e5, 60, 1, 4},       // Their operations.
    {8, Kind::kCounter, 8e8, 3e4, 1, 2},      // Bytes and packets of interfaces.
    {9, Kind::kGauge, 4e8, 6e6, 4096, 1},     // Memory, free space.
    {6, Kind::kCounter, 300, 0.05, 1e-6, 5},  // Pressure.
    {5, Kind::kGauge, 0.6, 0.2, 0.01, 1},     // Load, temperature.
    {6, Kind::kGauge, 120, 4, 1, 5},          // Processes, descriptors.
    {12, Kind::kGauge, 6e10, 0, 1, 10},       // Sizes, limits, errors: what stands still.
}};

class MovingKernel final : public Kernel {
 public:
  MovingKernel() {
    for (const Motion& motion : kMotions) {
      for (int i = 0; i < motion.values; ++i) values_.push_back({motion, motion.start});
    }
  }

  MachineState Read() override {
    MachineState state;
    ticks_.total += 1000;
    ticks_.busy += random_() % 400;
    state.cpu = ticks_;
    state.memory_used_mib = 180 + static_cast<double>(random_() % 4096) / 256;
    state.Add(kNumber, static_cast<double>(reads_++));
    for (std::size_t i = 0; i < values_.size(); ++i) {
      Move(values_[i]);
      state.Add(kMoving, values_[i].now, {{"n", std::to_string(i)}});
    }
    return state;
  }

 private:
  struct Value {
    Motion motion;
    double now;
  };
  void Move(Value& value) {
    const Motion& motion = value.motion;
    if (random_() % 10 < motion.stays_in) return;
    const double least = motion.kind == Kind::kCounter ? 0 : -motion.most;
    std::uniform_real_distribution<double> by(least, motion.most);
    value.now = std::round((value.now + by(random_)) / motion.quantum) * motion.quantum;
  }

  std::mt19937_64 random_{1};
  CpuTicks ticks_;
  std::uint64_t reads_ = 0;
  std::vector<Value> values_;
};

// Nobody ever answers.
class NoNetwork final : public Transport {
 public:
  std::unique_ptr<Connection> Open(const Endpoint& /*collector*/,
                                   ConnectionEvents& /*events*/) override {
    return std::make_unique<DeadConnection>();
  }

 private:
  struct DeadConnection final : public Connection {
    void SendOriginal(const Sample& /*sample*/) override {}
    void SendHello(std::span<const StreamPosition> /*held*/,
                   std::chrono::milliseconds /*speaks_every*/) override {}
    void SendBatch(const SampleBatch& /*batch*/) override {}
    void SendPing() override {}
    void TakeAlerts(std::uint64_t /*number*/) override {}
    [[nodiscard]] bool established() const override { return false; }
    void HalfClose() override {}
  };
};

struct NoAlerts final : public AlertSink {
  void Accept(const Alert& /*alert*/) override {}
};

}  // namespace

struct OfflineDevice::Parts {
  Parts(const std::filesystem::path& directory, WallTime boot) : storage(directory) {
    const auto booted = core.WallNow() - core.SinceBoot();
    core.clock().StepWall(boot - booted);
    start = core.WallNow();
    outbox.OnArrival([this] { feed.Wake(); });
    feed.Start();
    sampler->Start();
  }

  // Lets both strands do what they have to.
  void Settle() {
    for (int i = 0; i < 4; ++i) {
      disk.RunUntilIdle();
      core.RunUntilIdle();
    }
  }

  LogCapture log;
  ManualScheduler core;
  ManualScheduler disk;
  SeriesTable series{2048};
  FileStorage storage;
  DeviceClock clock{core, [] { return true; }};
  Outbox outbox{{.core = core, .disk = disk, .storage = storage, .series = series, .clock = clock},
                {},
                BootId{1},
                [] { return StreamId{20'261'128}; }};
  MovingKernel kernel;
  NoNetwork network;
  NoAlerts alerts;
  Feed feed{{.collectors = {{"nowhere", 1}}}, core, network, outbox, clock, alerts};
  std::unique_ptr<Sampler> sampler = std::make_unique<Sampler>(
      core, kernel, series, clock, outbox, SamplerConfig{.interval = kInterval});
  WallTime start;
};

OfflineDevice::OfflineDevice(const std::filesystem::path& directory, WallTime boot)
    : parts_(std::make_unique<Parts>(directory, boot)) {}

OfflineDevice::~OfflineDevice() = default;

void OfflineDevice::Spend(std::chrono::seconds time) {
  for (std::chrono::seconds passed(0); passed < time; passed += kInterval) {
    parts_->core.Advance(kInterval);
    parts_->Settle();
  }
}

void OfflineDevice::Stop() {
  parts_->sampler.reset();
  bool stopped = false;
  bool written = false;
  parts_->feed.Stop(std::chrono::seconds(3), [&] { stopped = true; });
  parts_->outbox.Shutdown([&] { written = true; });
  while (!stopped || !written) parts_->Settle();
}

OutboxCounts OfflineDevice::counts() const { return parts_->outbox.counts(); }

// The first sample comes early.
WallTime OfflineDevice::TimeOf(std::uint64_t number) const {
  if (number == 1) return parts_->start + std::chrono::milliseconds(100);
  return parts_->start + kInterval * (number - 1);
}

}  // namespace edgefeed::e2e
