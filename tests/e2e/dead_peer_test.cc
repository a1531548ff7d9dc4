// A collector that is gone without a word: a pulled cable.

#include <doctest/doctest.h>

#include <string>

#include "tests/e2e/client.h"
#include "tests/e2e/rig.h"
#include "tests/support/faulty_proxy.h"

namespace edgefeed::e2e {
namespace {

using namespace std::chrono_literals;

TEST_CASE(
    "an agent notices a dead peer within 30 s, and delivers everything once when it is back") {
  RunningCollector collector;
  FaultyProxy network(collector.port());
  RunningAgent agent(
      {.name = "cabled", .collector = "127.0.0.1:" + std::to_string(network.port())});
  const auto payloads = [&] {
    return collector.DeviceMetric("edgefeed_device_payloads_total", "cabled");
  };
  REQUIRE(agent.program().WaitForLine("connected to", kPatience));
  REQUIRE(Await([&] { return payloads() >= 10; }));

  network.Freeze();
  REQUIRE(agent.program().WaitForLine("lost collector", 30s));
  const double before = payloads();
  network.Thaw();

  // A try that was frozen may have to time out first.
  REQUIRE(agent.program().WaitForLine("connected to", 2 * kPatience));
  REQUIRE(Await([&] { return payloads() >= before + 100; }));
  REQUIRE(collector.AwaitCaughtUp("cabled"));
  const AgentTotals totals = agent.Stop();
  CHECK(totals.dropped == 0);
  CHECK(payloads() == static_cast<double>(totals.delivered));
}

TEST_CASE("a device that does not speak as often as it promised is taken for gone") {
  RunningCollector collector;
  const auto channel = Connect(collector.address());
  DeviceFeed silent(channel, "silent", "run-1");
  silent.PromiseToSpeakEvery(100ms);
  DeviceFeed quiet(channel, "quiet", "run-1");
  REQUIRE(quiet.SendAndAwaitAck());
  REQUIRE(silent.SendAndAwaitAck());

  REQUIRE(silent.AwaitEnd());

  const grpc::Status ended = silent.Finish();
  CHECK(ended.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED);
  CHECK(ended.error_message() == "no word from device 'silent' for 5300ms");
  CHECK(collector.DeviceMetric("edgefeed_device_connected", "silent") == 0);
  CHECK(collector.DeviceMetric("edgefeed_device_connected", "quiet") == 1);
  CHECK(quiet.Finish().ok());
}

}  // namespace
}  // namespace edgefeed::e2e
