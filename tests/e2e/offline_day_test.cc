// A day without a network: what it costs the device, and how it comes to the collector.

#include <doctest/doctest.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "bench/support/process_usage.h"
#include "fleet.grpc.pb.h"
#include "tests/e2e/client.h"
#include "tests/e2e/offline_device.h"
#include "tests/e2e/rig.h"
#include "tests/e2e/stored.h"
#include "tests/support/soak.h"

namespace edgefeed::e2e {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::uint64_t kSamples = 24h / OfflineDevice::kInterval;
// What flash has to bear in a day.
constexpr std::uint64_t kMostWritten = 20'000'000;  // Bytes.
// Of which up to one is the collector's until it writes together what has come.
constexpr milliseconds kFreshWithin = 2s;
constexpr std::uint64_t kDrainRate = 2000;  // Samples a second.

// What this process has caused to be written, where the file system counts it; else 0.
std::uint64_t WrittenToDisk() {
  std::ifstream io("/proc/self/io");
  std::string key;
  for (std::uint64_t value = 0; io >> key >> value;) {
    if (key == "write_bytes:") return value;
  }
  return 0;
}

// What malloc has given out; 0 when a sanitizer has taken its place.
std::size_t HeapInUse() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

std::uint64_t ResidentBytes(pid_t pid) {
  const auto size = bench::ResidentSize(pid);
  REQUIRE(size);
  return size->count;
}

// A sanitizer keeps what is freed: there memory tells nothing.
bool IsMemoryTelling() { return HeapInUse() > 0; }

void CheckLimits(const OutboxCounts& counts) {
  CHECK(counts.collected == kSamples + 1);
  CHECK(counts.queued_on_disk == counts.collected);
  CHECK(counts.dropped() == 0);
  CHECK(counts.disk.bytes_written <= kMostWritten);
}

void SpendDay(OfflineDevice& device) {
  const std::uint64_t written_before = WrittenToDisk();
  device.Spend(2h);
  const std::size_t heap = HeapInUse();
  const std::uint64_t resident = ResidentBytes(::getpid());
  device.Spend(22h);
  const std::size_t heap_later = HeapInUse();
  const std::uint64_t resident_later = ResidentBytes(::getpid());
  device.Stop();

  const std::uint64_t written = WrittenToDisk() - written_before;
  MESSAGE("wrote ", device.counts().disk.bytes_written, " bytes, ", written,
          " by the file system's count; heap ", heap, " bytes and then ", heap_later, ", resident ",
          resident, " and then ", resident_later);
  CheckLimits(device.counts());
  CHECK(written <= kMostWritten);
  if (!IsMemoryTelling()) return;
  CHECK(heap_later <= heap + heap / 20);
  CHECK(resident_later <= resident + resident / 20);
}

// How many samples of this device are stored that have the metric.
std::uint64_t CountStored(const std::shared_ptr<grpc::Channel>& channel, const std::string& device,
                          const std::string& metric) {
  grpc::ClientContext context;
  HistoryRequest request;
  request.set_service_name(device);
  request.set_metric(metric);
  request.set_from_ms(NowMillis() - UnixMillis(WallTime(30h)));
  request.set_to_ms(NowMillis() + UnixMillis(WallTime(1h)));
  request.set_step_ms(UnixMillis(WallTime(1h)));
  const auto answers = FleetService::NewStub(channel)->GetHistory(&context, request);
  std::uint64_t count = 0;
  for (HistoryResponse answer; answers->Read(&answer);) {
    for (const auto& point : answer.points()) count += point.bucket().count();
  }
  return count;
}

struct Drain {
  milliseconds fresh{0};           // Until the first sample taken after the outage was stored.
  std::uint64_t waiting = 0;       // Of the backlog, then.
  milliseconds all{0};             // Until all of the backlog was.
  std::uint64_t resident = 0;      // Of the collector, when it began …
  std::uint64_t resident_end = 0;  // … and ended.
};

Drain WatchDrain(RunningCollector& collector, std::uint64_t backlog) {
  const auto start = steady_clock::now();
  const auto elapsed = [&] {
    return std::chrono::duration_cast<milliseconds>(steady_clock::now() - start);
  };
  const auto channel = Connect(collector.address());
  const auto stored = [&](const char* metric) { return CountStored(channel, "away", metric); };
  Drain drain;
  // Only the real agent has this metric.
  REQUIRE(Await([&] { return stored("agent_samples_collected_total") > 0; }));
  drain.fresh = elapsed();
  drain.waiting = backlog - stored("number");
  drain.resident = ResidentBytes(collector.program().pid());
  REQUIRE(Await([&] { return stored("number") == backlog; }, 6 * kPatience));
  drain.all = elapsed();
  drain.resident_end = ResidentBytes(collector.program().pid());
  return drain;
}

void CheckDay(const std::vector<HistoryBucket>& stored, const OfflineDevice& device,
              std::uint64_t taken) {
  const StoredNumbers numbers = CheckNumbers(stored, taken);
  CHECK(numbers.missing.empty());
  CHECK(numbers.doubled.empty());
  CHECK(numbers.unexpected.empty());
  CHECK(std::ranges::all_of(stored, [&](const HistoryBucket& sample) {
    return sample.time == device.TimeOf(static_cast<std::uint64_t>(sample.last));
  }));
}

TEST_CASE(
    "a day offline is within the limits of flash and memory; then fresh samples come at once, and "
    "the day beside them, each once" *
    doctest::test_suite("soak")) {
  const TempDir state;
  OfflineDevice device(state.path() / "outbox", SystemClock().Wall() - 24h);
  SpendDay(device);
  const std::uint64_t backlog = device.counts().collected;

  RunningCollector collector("rules: []");
  RunningAgent agent({.name = "away",
                      .collector = collector.address(),
                      .state_dir = state.path().string(),
                      .more = "outbox: {drain_rate: " + std::to_string(kDrainRate) + "}"});
  REQUIRE(agent.program().WaitForLine("connected to", kPatience));
  const Drain drain = WatchDrain(collector, backlog);
  MESSAGE("first fresh sample stored after ", drain.fresh.count(), " ms, while ", drain.waiting,
          " waited; all after ", drain.all.count(), " ms; the collector's memory ", drain.resident,
          " bytes and then ", drain.resident_end);
  CHECK(drain.fresh <= LongOrShort(kFreshWithin, 5 * kFreshWithin));  // Other tests may run.
  CHECK(drain.waiting > LongOrShort(backlog / 2, std::uint64_t{0}));
  CHECK(drain.all >= 1s * (backlog / kDrainRate - 1));
  if (IsMemoryTelling()) CHECK(drain.resident_end <= drain.resident + MiB(32).count);

  REQUIRE(collector.AwaitCaughtUp("away"));
  const AgentTotals totals = agent.Stop();
  CHECK(totals.found == backlog);
  CHECK(totals.dropped == 0);
  collector.program().Kill();  // What was acknowledged must be there all the same.
  static_cast<void>(collector.program().Wait(kPatience));
  const auto data = collector.directory() / "data";
  CheckDay(ReadStored(data, "away", "number"), device, backlog);
  CHECK(ReadStored(data, "away", "agent_samples_collected_total").size() == totals.taken);
}

}  // namespace
}  // namespace edgefeed::e2e
