// What an upload on a slow link costs the samples beside it.

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "tests/e2e/client.h"
#include "tests/e2e/rig.h"
#include "tests/support/private_network.h"
#include "tests/support/soak.h"
#include "tests/support/temp_dir.h"

namespace edgefeed::e2e {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::uint32_t kLinkKbit = 2000;

void DropNoise(const fs::path& directory, std::size_t bytes) {
  std::mt19937 random(11);
  {
    std::ofstream file(directory / ".noise", std::ios::binary);
    for (std::size_t i = 0; i < bytes / sizeof(std::uint32_t); ++i) {
      const auto word = static_cast<std::uint32_t>(random());
      file.write(reinterpret_cast<const char*>(&word), sizeof word);
    }
  }
  fs::rename(directory / ".noise", directory / "noise.core");
}

// How much older than the freshest of them samples are when the collector shows them first, ms, in
// ascending order. Not how old: the agent's clock agrees with ours only to half a round trip.
std::vector<std::int64_t> AgesOf(const RunningCollector& collector, const std::string& device,
                                 std::size_t samples) {
  const auto channel = Connect(collector.address());
  std::vector<std::int64_t> ages;
  std::uint64_t newest = 0;
  const bool all = Await(
      [&] {
        // Faster than Await looks again: a sample's age is what is measured.
        for (int i = 0; i < 50 && ages.size() < samples; ++i) {
          telemetry::MetricsResponse response;
          if (!Snapshot(channel, device, response).ok()) return false;
          if (response.timestamp_ms() != newest) {
            newest = response.timestamp_ms();
            ages.push_back(static_cast<std::int64_t>(NowMillis()) -
                           static_cast<std::int64_t>(newest));
          }
          LetPass(2ms);
        }
        return ages.size() >= samples;
      },
      10 * kPatience);
  REQUIRE(all);
  std::ranges::sort(ages);
  const std::int64_t freshest = ages.front();
  for (std::int64_t& age : ages) age -= freshest;
  return ages;
}

// The age that nine of ten samples do not exceed, ms, while a dump goes at this rate.
std::int64_t AgeBesideUpload(PrivateNetwork& network, const std::string& upload_rate) {
  const TempDir drop;
  RunningCollector collector("rules: []\nallow_plaintext: true", network.address());
  const std::size_t host = network.AddHost();
  network.Narrow(host, kLinkKbit);
  RunningAgent agent(
      {.name = "thin",
       .collector = collector.address(),
       .more = "allow_plaintext: true\ncrash_dumps: {directories: ['" + drop.path().string() +
               "'], systemd_directory: '', mode: full, upload_rate: " + upload_rate + "}",
       .network = network.network_of(host)});
  REQUIRE(agent.program().WaitForLine("connected to", kPatience));
  if (upload_rate != "none") DropNoise(drop.path(), std::size_t{16} << 20);
  if (upload_rate != "none") REQUIRE(agent.program().WaitForLine("sealed", kPatience));
  const auto ages = AgesOf(collector, "thin", LongOrShort(600U, 100U));
  const std::int64_t p90 = ages[ages.size() * 9 / 10];
  MESSAGE("upload_rate " << upload_rate << ": age of a sample p50 " << ages[ages.size() / 2]
                         << " ms, p90 " << p90 << " ms, p99 " << ages[ages.size() * 99 / 100]
                         << " ms");
  agent.program().Kill();
  return p90;
}

TEST_CASE("on a slow link a dump that keeps its rate hardly delays samples" *
          doctest::test_suite("soak")) {
  const auto network = PrivateNetwork::Create();
  if (!network) {
    MESSAGE("skipped: " << network.error().message);
    return;
  }
  const std::int64_t at_quarter = AgeBesideUpload(**network, "64KiB");
  const std::int64_t at_full_speed = AgeBesideUpload(**network, "0B");
  CHECK(at_quarter < at_full_speed / 2);
}

}  // namespace
}  // namespace edgefeed::e2e
