// A real Prometheus scrapes the collector, and finds what the dashboard shows.

#include <doctest/doctest.h>

#include <regex>
#include <set>
#include <string>
#include <vector>

#include "common/base/file.h"
#include "common/tokens/token_file.h"
#include "tests/e2e/metrics_store.h"
#include "tests/e2e/rig.h"
#include "tests/support/free_port.h"

namespace edgefeed::e2e {
namespace {

using namespace std::chrono_literals;

// `more`: keys of the job.
std::string ScrapeConfig(std::uint16_t port, const std::string& more = "") {
  return "scrape_configs:\n  - job_name: edgefeed\n    scrape_interval: 1s\n" + more +
         "    static_configs:\n      - targets: ['127.0.0.1:" + std::to_string(port) + "']\n";
}

// The number that a query of one series gives; -1 when there is none.
double Value(const MetricsStore& store, const std::string& query) {
  static const std::regex value(R"rx("value":\[[^,]*,"([^"]*)"\])rx");
  const std::string json = store.Query(query);
  std::smatch match;
  return std::regex_search(json, match, value) ? std::stod(match[1].str()) : -1;
}

std::string Body(const RunningCollector& collector) {
  const std::string page = HttpGet(collector.http_port(), "/metrics").value_or("");
  const auto end = page.find("\r\n\r\n");
  REQUIRE(end != std::string::npos);
  return page.substr(end + 4);
}

// A collector, what it sends to, and what scrapes it.
class ScrapedFixture {
 public:
  std::uint16_t http_port = FreePort();
  Prometheus prometheus{ScrapeConfig(http_port)};
  // There are three devices, and /metrics tells of two.
  RunningCollector collector{
      "rules:\n  - {name: ALWAYS, metric: cpu_usage, above: -1}\nremote_write:\n  - {url: '" +
          prometheus.write_url() + "', batch_interval: 200ms}\n",
      "127.0.0.1", "{listen: '127.0.0.1:" + std::to_string(http_port) + "', metrics_devices: 2}"};

 private:
  RunningAgent cam_{{.name = "cam", .collector = collector.address()}};
  RunningAgent door_{{.name = "door", .collector = collector.address()}};
  RunningAgent zoo_{{.name = "zoo", .collector = collector.address()}};
};

std::vector<std::string> Expressions() {
  const auto dashboard = ReadSmallFile(EDGEFEED_DASHBOARD);
  REQUIRE(dashboard);
  static const std::regex line(R"rx("expr": "((?:[^"\\]|\\.)*)")rx");
  std::vector<std::string> expressions;
  for (std::sregex_iterator match(dashboard->begin(), dashboard->end(), line), end; match != end;
       ++match) {
    std::string text = std::regex_replace((*match)[1].str(), std::regex(R"(\\")"), "\"");
    text = std::regex_replace(text, std::regex(R"(\$device)"), "cam");
    text = std::regex_replace(text, std::regex(R"(\$__rate_interval)"), "1m");
    expressions.push_back(text);
  }
  return expressions;
}

std::set<std::string> MetricsIn(const std::vector<std::string>& expressions) {
  static const std::regex selector(R"(([a-z_][a-z0-9_]*)\{)");
  std::set<std::string> metrics;
  for (const std::string& text : expressions) {
    for (std::sregex_iterator match(text.begin(), text.end(), selector), end; match != end;
         ++match) {
      metrics.insert((*match)[1].str());
    }
  }
  return metrics;
}

TEST_CASE_FIXTURE(ScrapedFixture,
                  "Prometheus scrapes the collector, and finds what the dashboard shows") {
  REQUIRE(Await([&] { return Value(prometheus, "up{job=\"edgefeed\"}") == 1; }));
  CHECK(Await([&] {
    return Value(prometheus, "count(edgefeed_device_cpu_usage_percent)") == 2 &&
           Value(prometheus, "edgefeed_collector_devices") == 3;
  }));

  // Devices over the limit are counted and said.
  CHECK(Value(prometheus, "edgefeed_collector_metrics_devices_omitted") == 1);
  CHECK(Value(prometheus, "count(edgefeed_device_connected{device=\"cam\"})") == 1);
  CHECK(Value(prometheus, "count(edgefeed_device_connected{device=\"zoo\"})") == -1);
  // What a scrape brings is what the page says, of the same device.
  CHECK(Value(prometheus, "edgefeed_device_connected{device=\"cam\"}") == 1);
  CHECK(Value(prometheus, "edgefeed_device_firing{device=\"cam\",rule=\"ALWAYS\"}") == 1);

  const auto expressions = Expressions();
  CHECK(expressions.size() > 30);
  for (const std::string& metric : MetricsIn(expressions)) {
    CAPTURE(metric);
    CHECK(Await([&] { return Value(prometheus, "count({__name__=\"" + metric + "\"})") > 0; }));
  }
  for (const std::string& text : expressions) {
    CAPTURE(text);
    CHECK(Await([&] {
      const std::string answer = prometheus.Query(text);
      return answer.find("\"status\":\"success\"") != std::string::npos &&
             answer.find("\"result\":[]") == std::string::npos;
    }));
  }
}

TEST_CASE_FIXTURE(ScrapedFixture, "promtool has nothing against /metrics") {
  REQUIRE(Await([&] { return collector.Metric("edgefeed_collector_devices") == 3; }));
  CHECK(OutputOf("/usr/bin/promtool", {"check", "metrics"}, Body(collector)) == "");
}

TEST_CASE("where there are tokens, Prometheus scrapes with one, either way") {
  const TempDir home;
  const auto secret = home.Write("prometheus.token", "scrape-secret");
  const auto tokens = home.path() / "tokens.yaml";
  REQUIRE(WriteTokenFile(tokens, {{.name = "prometheus",
                                   .role = Role::kViewer,
                                   .sha256 = Sha256Of("scrape-secret"),
                                   .expires = SystemClock().Wall() + 1h}})
              .ok());
  RunningCollector collector("operators: {tokens: " + tokens.string() + "}\n");
  for (const std::string how :
       {"authorization: {credentials_file: ", "basic_auth: {username: me, password_file: "}) {
    CAPTURE(how);
    Prometheus prometheus(
        ScrapeConfig(collector.http_port(), "    " + how + secret.string() + "}\n"));
    CHECK(Await([&] { return Value(prometheus, "edgefeed_collector_devices") == 0; }));
  }
}

}  // namespace
}  // namespace edgefeed::e2e
