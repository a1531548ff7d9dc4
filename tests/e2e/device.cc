#include "tests/e2e/device.h"

#include <doctest/doctest.h>

#include <latch>
#include <random>
#include <utility>

#include "agent/clock/device_clock.h"
#include "agent/feed/feed.h"
#include "agent/outbox/file_storage.h"
#include "agent/rpc/grpc_transport.h"
#include "common/runtime/strand.h"

namespace edgefeed::e2e {
namespace {

constexpr std::chrono::milliseconds kStopGrace{5000};

StreamId RandomStream() {
  std::random_device random;
  return (StreamId{random()} << 32U) | random();
}

struct NoAlerts final : public AlertSink {
  void Accept(const Alert& /*alert*/) override {}
};

}  // namespace

struct Device::Parts {
  explicit Parts(const DeviceSpec& spec)
      : storage(spec.state_dir),
        outbox({.core = core, .disk = disk, .storage = storage, .series = series, .clock = clock},
               spec.outbox, {}, RandomStream) {
    transport = std::make_unique<GrpcTransport>(
        core, GrpcTransport::Identity{.device_name = spec.name, .info = {}}, series, nullptr,
        GrpcTransport::kKeepalive);
    feed = std::make_unique<Feed>(FeedConfig{.collectors = {{"127.0.0.1", spec.collector_port}},
                                             .backoff = spec.backoff,
                                             .backoff_seed = 1,
                                             .delivery = spec.delivery},
                                  core, *transport, outbox, clock, alerts);
    RunOn(core, [this] {
      outbox.OnArrival([this] { feed->Wake(); });
      feed->Start();
    });
  }

  void Stop() {
    std::latch stopped(1);
    const auto write_rest = [&] { outbox.Shutdown([&] { stopped.count_down(); }); };
    const auto close = [&] {
      outbox.OnArrival([] {});
      feed.reset();
      transport->WhenIdle(write_rest);
    };
    core.Post([&] { feed->Stop(kStopGrace, close); });
    stopped.wait();
    for (Strand* strand : {&core, &disk, &core}) strand->Drain();
  }

  SystemClock system;
  SeriesTable series{10};
  SeriesId number = *series.Intern({"number", {}});
  Strand core{"core", system};
  Strand disk{"disk", system};
  FileStorage storage;
  DeviceClock clock{core, KernelClockIsSynchronized};
  Outbox outbox;
  NoAlerts alerts;
  std::unique_ptr<GrpcTransport> transport;
  std::unique_ptr<Feed> feed;
  std::uint64_t taken = 0;
};

Device::Device(const DeviceSpec& spec) : parts_(std::make_unique<Parts>(spec)) {}

Device::~Device() { parts_->Stop(); }

void Device::Take(int count) {
  RunOn(parts_->core, [&] {
    for (int i = 0; i < count; ++i) {
      Sample sample;
      sample.since_boot = parts_->core.SinceBoot();
      parts_->clock.Stamp(sample);
      sample.readings.push_back({parts_->number, static_cast<double>(++parts_->taken)});
      parts_->outbox.Accept(std::move(sample));
    }
  });
}

std::uint64_t Device::taken() const {
  std::uint64_t taken = 0;
  RunOn(parts_->core, [&] { taken = parts_->taken; });
  return taken;
}

OutboxCounts Device::counts() const {
  OutboxCounts counts;
  RunOn(parts_->core, [&] { counts = parts_->outbox.counts(); });
  return counts;
}

std::uint64_t Device::connects() const {
  std::uint64_t connects = 0;
  RunOn(parts_->core, [&] { connects = parts_->feed->connects(); });
  return connects;
}

}  // namespace edgefeed::e2e
