// Every sample comes to the stores of others as well, whatever stops meanwhile.

#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/e2e/metrics_store.h"
#include "tests/e2e/rig.h"

namespace edgefeed::e2e {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kSome = 30;  // Samples.

std::string RemoteWrite(const std::string& name, const MetricsStore& store) {
  return "  - {name: " + name + ", url: '" + store.write_url() +
         "', batch_interval: 200ms, timeout: 1s, labels: {site: lab}}\n";
}

// The times of all samples of a series that the collector has.
std::vector<std::int64_t> History(const RunningCollector& collector, const std::string& device,
                                  const std::string& metric) {
  const auto program = Run("edgefeedctl", {"--collector", collector.address(), "history", device,
                                           "--metric", metric, "--json"});
  if (program->Wait(kPatience) != 0) {
    MESSAGE("edgefeedctl history: " << program->Output(Stream::kStderr));
    return {};
  }
  const std::string out = program->Output(Stream::kStdout);
  const std::string key = R"("time_ms":")";
  std::vector<std::int64_t> times;
  for (auto at = out.find(key); at != std::string::npos; at = out.find(key, at + 1)) {
    times.push_back(std::strtoll(out.c_str() + at + key.size(), nullptr, 10));
  }
  return times;
}

void AwaitMore(const RunningCollector& collector, const std::string& device) {
  const std::size_t before = History(collector, device, "cpu_usage").size();
  REQUIRE(Await([&] { return History(collector, device, "cpu_usage").size() >= before + kSome; }));
}

std::string Selector(const std::string& metric, const std::string& device) {
  return metric + R"({edgefeed_device=")" + device + R"(",site="lab"})";
}

void CheckHasAllOf(const MetricsStore& store, const RunningCollector& collector,
                   const std::string& device, const std::string& metric) {
  CAPTURE(device);
  CAPTURE(metric);
  const auto all = History(collector, device, metric);
  REQUIRE(all.size() > kSome);
  CHECK(Await([&] { return store.Times(Selector(metric, device)) == all; }));
  CHECK(store.Times(Selector(metric, device)).size() == all.size());
}

void CheckHasAll(const MetricsStore& store, const RunningCollector& collector,
                 const std::string& device) {
  for (const std::string metric : {"cpu_usage", "memory_mb", "load1"}) {
    CheckHasAllOf(store, collector, device, metric);
  }
  // A reading's own labels stay beside the device's name.
  CHECK(store.Query("count({edgefeed_device=\"" + device + "\",device!=\"\"})")
            .find("\"result\":[{") != std::string::npos);
}

double Remote(const RunningCollector& collector, const std::string& what, const std::string& name,
              const std::string& reason = "") {
  const std::string more = reason.empty() ? "" : ",reason=\"" + reason + "\"";
  return collector.Metric("edgefeed_collector_remote_write_" + what + "{remote=\"" + name + "\"" +
                          more + "}");
}

void CheckSentAll(const RunningCollector& collector, const std::string& name) {
  CAPTURE(name);
  CHECK(Await([&] { return Remote(collector, "lag_seconds", name) == 0; }));
  CHECK(Remote(collector, "values_sent_total", name) > 0);
  CHECK(Remote(collector, "values_dropped_total", name, "refused") == 0);
  CHECK(Remote(collector, "values_dropped_total", name, "retention") == 0);
  CHECK(Remote(collector, "values_dropped_total", name, "unreadable") == 0);
}

TEST_CASE("stores that stop, and a collector that is killed meanwhile, cost no sample") {
  VictoriaMetrics victoria;
  Prometheus prometheus("storage: {tsdb: {out_of_order_time_window: 1h}}\n");
  RunningCollector collector("remote_write:\n" + RemoteWrite("victoria", victoria) +
                             RemoteWrite("prometheus", prometheus));
  RunningAgent cam({.name = "cam", .collector = collector.address()});
  RunningAgent door({.name = "door", .collector = collector.address()});
  REQUIRE(Await([&] { return victoria.Times(Selector("cpu_usage", "cam")).size() >= kSome; }));
  REQUIRE(Await([&] { return prometheus.Times(Selector("cpu_usage", "door")).size() >= kSome; }));

  victoria.program().Signal(SIGSTOP);
  prometheus.program().Kill();
  REQUIRE(prometheus.program().Wait(kPatience));
  AwaitMore(collector, "cam");
  CHECK(Await([&] { return Remote(collector, "requests_failed_total", "victoria") > 0; }));
  CHECK(Await([&] { return Remote(collector, "lag_seconds", "prometheus") > 1; }));
  for (int kills = 0; kills < 2; ++kills) {
    collector.program().Kill();
    REQUIRE(collector.program().Wait(kPatience));
    LetPass(2s);  // The agents gather a backlog, which comes after what is fresh.
    collector.Start();
    AwaitMore(collector, "door");
  }
  victoria.program().Signal(SIGCONT);
  victoria.Stop();
  victoria.Start();
  prometheus.Start();
  AwaitMore(collector, "cam");
  // In the middle of what it sends again.
  collector.program().Kill();
  collector.Start();
  REQUIRE(collector.AwaitCaughtUp("cam"));
  REQUIRE(collector.AwaitCaughtUp("door"));
  cam.Stop();
  door.Stop();

  for (const std::string device : {"cam", "door"}) {
    CheckHasAll(victoria, collector, device);
    CheckHasAll(prometheus, collector, device);
  }
  CheckSentAll(collector, "victoria");
  CheckSentAll(collector, "prometheus");
}

TEST_CASE("what a store is too strict for is counted, and keeps nothing else back") {
  Prometheus prometheus("{}\n");  // It takes no sample that is older than what it has.
  RunningCollector collector("remote_write:\n" + RemoteWrite("strict", prometheus));
  RunningAgent cam({.name = "cam", .collector = collector.address()});
  REQUIRE(Await([&] { return prometheus.Times(Selector("cpu_usage", "cam")).size() >= kSome; }));
  collector.program().Kill();
  REQUIRE(collector.program().Wait(kPatience));
  LetPass(3s);
  collector.Start();
  REQUIRE(collector.AwaitCaughtUp("cam"));
  cam.Stop();

  const auto all = History(collector, "cam", "cpu_usage");
  std::vector<std::int64_t> there;
  // Each sample has three values and more.
  CHECK(Await([&] {
    there = prometheus.Times(Selector("cpu_usage", "cam"));
    const double dropped = Remote(collector, "values_dropped_total", "strict", "out_of_order") +
                           Remote(collector, "values_dropped_total", "strict", "too_old");
    return there.size() < all.size() &&
           dropped >= static_cast<double>(3 * (all.size() - there.size()));
  }));
  CHECK(std::ranges::includes(all, there));
  CHECK(std::ranges::includes(there, std::vector{all.back()}));
  CHECK(Await([&] { return Remote(collector, "lag_seconds", "strict") == 0; }));
  CHECK(Remote(collector, "values_dropped_total", "strict", "refused") == 0);
}

TEST_CASE("a store that does not answer does not keep a collector from stopping") {
  VictoriaMetrics victoria;
  RunningCollector collector("remote_write:\n  - {url: '" + victoria.write_url() +
                             "', batch_interval: 0s, timeout: 5m}\n");
  RunningAgent cam({.name = "cam", .collector = collector.address()});
  REQUIRE(Await([&] { return !victoria.Times("cpu_usage").empty(); }));
  victoria.program().Signal(SIGSTOP);
  AwaitMore(collector, "cam");
  collector.program().Signal(SIGTERM);
  CHECK(collector.program().Wait(20s) == 0);
  victoria.program().Signal(SIGCONT);
}

}  // namespace
}  // namespace edgefeed::e2e
