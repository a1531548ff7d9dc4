// A fleet of real agents.

#include <doctest/doctest.h>

#include <csignal>
#include <deque>
#include <regex>
#include <string>

#include "tests/e2e/rig.h"

namespace edgefeed::e2e {
namespace {

using namespace std::chrono_literals;

constexpr int kAgents = 200;
// Two hundred processes that start, or stop, at once on a busy machine.
constexpr auto kFleetPatience = 4 * kPatience;

// Devices whose value of this metric matches.
std::ptrdiff_t CountDevices(const RunningCollector& collector, const std::string& metric,
                            const std::string& value) {
  const std::string page = HttpGet(collector.http_port(), "/metrics").value_or("");
  const std::regex line("\\n" + metric + R"(\{device="fleet-[0-9]+"\} )" + value + "(?=\\n)");
  return std::distance(std::sregex_iterator(page.begin(), page.end(), line), {});
}

TEST_CASE("two hundred agents at once") {
  RunningCollector collector;
  std::deque<RunningAgent> agents;
  for (int i = 0; i < kAgents; ++i) {
    agents.emplace_back(AgentSpec{
        .name = "fleet-" + std::to_string(i), .collector = collector.address(), .interval = "2s"});
  }

  CHECK(Await([&] { return CountDevices(collector, "edgefeed_device_connected", "1") == kAgents; },
              kFleetPatience));
  CHECK(Await(
      [&] {
        return CountDevices(collector, "edgefeed_device_payloads_total", "([2-9]|[0-9]{2,})") ==
               kAgents;
      },
      kFleetPatience));
  CHECK(collector.Metric("edgefeed_collector_feeds_open") == kAgents);

  for (RunningAgent& agent : agents) agent.program().Signal(SIGTERM);
  for (RunningAgent& agent : agents) CHECK(agent.program().Wait(kFleetPatience) == 0);

  CHECK(Await([&] { return collector.Metric("edgefeed_collector_feeds_open") == 0; }));
  CHECK(CountDevices(collector, "edgefeed_device_connected", "0") == kAgents);
  CHECK(collector.Metric("edgefeed_collector_payloads_invalid_total") == 0);
  CHECK(collector.Metric("edgefeed_collector_feeds_replaced_total") == 0);
}

}  // namespace
}  // namespace edgefeed::e2e
