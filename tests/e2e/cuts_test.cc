// The connection breaks at any byte, again and again, and every sample is stored once.

#include <doctest/doctest.h>

#include <filesystem>
#include <random>
#include <string>

#include "tests/e2e/device.h"
#include "tests/e2e/rig.h"
#include "tests/e2e/stored.h"
#include "tests/support/faulty_proxy.h"
#include "tests/support/soak.h"

namespace edgefeed::e2e {
namespace {

using namespace std::chrono_literals;

// In the connection's first bytes, where most is said, or anywhere in a batch. What comes back is
// little: handshake, welcome, acknowledgements.
FaultyProxy::Fault RandomFault(std::mt19937_64& random) {
  using Direction = FaultyProxy::Fault::Direction;
  if (random() % 2 == 0) return {Direction::kToClient, 1 + random() % 140};
  return {Direction::kToServer, 1 + random() % (random() % 2 == 0 ? 500 : 2500)};
}

void CheckEachIsStoredOnce(const std::filesystem::path& data_dir, std::uint64_t taken) {
  const StoredNumbers numbers = CheckNumbers(ReadStored(data_dir, "unlucky", "number"), taken);
  INFO("taken ", taken, ", missing ", numbers.missing.size(), " from ",
       numbers.missing.empty() ? 0 : numbers.missing.front(), " to ",
       numbers.missing.empty() ? 0 : numbers.missing.back());
  CHECK(numbers.missing.empty());
  CHECK(numbers.doubled.empty());
  CHECK(numbers.unexpected.empty());
}

// Returns how many samples it took and delivered.
std::uint64_t DeliverThrough(FaultyProxy& network, std::size_t cuts) {
  TempDir state;
  Device device({.name = "unlucky",
                 .collector_port = network.port(),
                 .state_dir = state.path(),
                 .delivery = {.drain_rate = 0}});
  // No more than a slow machine can deliver in the end, however long the cuts take.
  constexpr std::uint64_t kMostQueued = 20'000;
  const auto all_cut = [&] {
    if (device.counts().queued < kMostQueued) device.Take(100);
    return network.accepted() >= cuts;
  };
  REQUIRE(Await(all_cut, LongOrShort(3600s, 300s)));
  network.CutNoMore();
  network.Cut();
  REQUIRE(Await([&] { return device.counts().queued == 0; }, 60s));
  CHECK(device.counts().dropped() == 0);
  CHECK(device.connects() > cuts / 4);
  return device.taken();
}

TEST_CASE("500 connections that are cut at random bytes, either way: each sample is stored once" *
          doctest::test_suite("soak")) {
  RunningCollector collector("rules: []");
  FaultyProxy network(collector.port());
  std::mt19937_64 random(Seed(20'261'125));
  network.CutEach([&] { return RandomFault(random); });
  const std::uint64_t taken = DeliverThrough(network, LongOrShort(5000U, 500U));
  CHECK(taken > 1000);
  collector.program().Kill();  // What was acknowledged must be there all the same.
  static_cast<void>(collector.program().Wait(kPatience));
  CheckEachIsStoredOnce(collector.directory() / "data", taken);
}

}  // namespace
}  // namespace edgefeed::e2e
