#include "collector/http/metrics_page.h"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string_view>

#include "common/base/text.h"
#include "tests/unit/collector/http/fake_fleet.h"

namespace edgefeed {
namespace {

// Enough of a parser to find what is there.
struct Exposition {
  std::map<std::string, std::string> types;
  std::set<std::string> helped;
  std::map<std::string, double> samples;  // By name and labels, as written.
};

void ParseHelp(std::string_view rest, Exposition& parsed) {
  const auto name = NextField(rest);
  CHECK_FALSE(Trim(rest).empty());
  parsed.helped.emplace(*name);
}

void ParseType(std::string_view rest, Exposition& parsed) {
  const auto name = NextField(rest);
  parsed.types.emplace(*name, Trim(rest));
}

void ParseSample(std::string_view line, Exposition& parsed) {
  const auto blank = line.rfind(' ');
  REQUIRE(blank != std::string_view::npos);
  const auto value = ParseNumber<double>(line.substr(blank + 1));
  REQUIRE(value);
  CHECK(parsed.samples.emplace(line.substr(0, blank), *value).second);
}

Exposition Parse(std::string_view text) {
  Exposition parsed;
  while (const auto line = NextLine(text)) {
    if (line->starts_with("# HELP ")) {
      ParseHelp(line->substr(7), parsed);
    } else if (line->starts_with("# TYPE ")) {
      ParseType(line->substr(7), parsed);
    } else {
      ParseSample(*line, parsed);
    }
  }
  return parsed;
}

Exposition Render(const std::vector<DeviceSnapshot>& devices, std::size_t max_devices,
                  const FiringAlerts& alerts = {}) {
  CollectorStats stats;
  stats.feeds_open = 3;
  stats.remote_writes.emplace_back("vm:8428");
  stats.remote_writes[0].values_sent = 12;
  stats.remote_writes[0].values_dropped[1] = 5;
  stats.remote_writes[0].oldest_unsent_ms = 1'700'000'000'000;
  const HttpStats http{.requests = 7};
  return Parse(MetricsText({.collector = stats,
                            .http = http,
                            .devices = devices,
                            .max_devices = max_devices,
                            .alerts = alerts,
                            .version = "1.2.3",
                            .now = FromUnixMillis(1'700'000'002'500)}));
}

TEST_CASE("every metric has help and a type that fits its name") {
  const auto page = Render({MakeDevice("a")}, 10);
  for (const auto& [name, type] : page.types) {
    CAPTURE(name);
    CHECK(page.helped.contains(name));
    CHECK((type == "counter") == name.ends_with("_total"));
  }
  for (const auto& [sample, value] : page.samples) {
    CAPTURE(sample);
    CHECK(page.types.contains(sample.substr(0, sample.find('{'))));
  }
}

TEST_CASE("the page shows the collector, the process and the devices") {
  auto device = MakeDevice("a", 12.5);
  device.firing = {"CPU_HIGH"};
  const auto& samples = Render({device}, 10).samples;
  CHECK(samples.at("edgefeed_collector_build_info{version=\"1.2.3\"}") == 1);
  CHECK(samples.at("edgefeed_collector_feeds_open") == 3);
  CHECK(samples.at("edgefeed_collector_http_requests_total") == 7);
  CHECK(samples.at("process_resident_memory_bytes") > 100'000);
  CHECK(samples.at("process_open_fds") >= 3);
  CHECK(samples.at("edgefeed_device_connected{device=\"a\"}") == 1);
  CHECK(samples.at("edgefeed_device_cpu_usage_percent{device=\"a\"}") == 12.5);
  CHECK(samples.at("edgefeed_device_memory_used_bytes{device=\"a\"}") == 256 * 1024 * 1024);
  CHECK(samples.at("edgefeed_device_last_seen_timestamp_seconds{device=\"a\"}") == 1'700'000'009.5);
  CHECK(samples.at("edgefeed_device_payloads_total{device=\"a\"}") == 10);
  CHECK(samples.at("edgefeed_device_firing{device=\"a\",rule=\"CPU_HIGH\"}") == 1);
}

TEST_CASE("the page tells how far each remote store is") {
  const auto& samples = Render({}, 10).samples;
  const std::string remote = "edgefeed_collector_remote_write_";
  CHECK(samples.at(remote + "values_sent_total{remote=\"vm:8428\"}") == 12);
  CHECK(samples.at(remote + "values_dropped_total{remote=\"vm:8428\",reason=\"too_old\"}") == 5);
  CHECK(samples.at(remote + "lag_seconds{remote=\"vm:8428\"}") == 2.5);
}

TEST_CASE("the page shows what receivers of notifications have got, if there are any") {
  const HttpStats http;
  const auto render = [&](const CollectorStats& stats) {
    return Parse(MetricsText({.collector = stats,
                              .http = http,
                              .devices = {},
                              .alerts = FiringAlerts{},
                              .version = "1"}));
  };
  CollectorStats stats;
  CHECK_FALSE(render(stats).types.contains("edgefeed_collector_notifications_sent_total"));
  auto& receiver = stats.receivers.emplace_back();
  receiver.name = "am/2";
  receiver.sent = 1;
  receiver.retried = 2;
  receiver.refused = 3;
  receiver.dropped.front() = 4;
  receiver.dropped.back() = 8;
  receiver.waiting = 9;
  receiver.oldest_waiting_seconds = 10;
  const auto page = render(stats);
  const std::string label = "{receiver=\"am/2\"}";
  const std::string prefix = "edgefeed_collector_notification";
  CHECK(page.samples.at(prefix + "s_sent_total" + label) == 1);
  CHECK(page.samples.at(prefix + "_retries_total" + label) == 2);
  CHECK(page.samples.at(prefix + "s_refused_total" + label) == 3);
  CHECK(page.samples.at(prefix + "s_waiting" + label) == 9);
  CHECK(page.samples.at(prefix + "s_oldest_waiting_seconds" + label) == 10);
  const std::string dropped = prefix + "s_dropped_total{receiver=\"am/2\",reason=";
  CHECK(page.samples.at(dropped + "\"repeat\"}") == 4);
  CHECK(page.samples.at(dropped + "\"unreadable\"}") == 8);
  for (const auto& [name, type] : page.types) {
    CAPTURE(name);
    CHECK((type == "counter") == name.ends_with("_total"));
  }
}

TEST_CASE("the page shows when certificates end, and what became of their files") {
  const HttpStats http;
  CollectorStats stats;
  auto& port = stats.tls.emplace_back();
  port.listener = "grpc";
  port.cert_file = "/etc/c.pem";
  port.ca_file = "/etc/ca.pem";
  port.cert_expires = 1'800'000'000;
  port.ca_expires = 1'900'000'000;
  port.renewals = 2;
  port.renewals_refused = 1;
  auto& web = stats.tls.emplace_back();
  web.listener = "http";
  web.cert_file = "/etc/c.pem";
  web.cert_expires = 1'800'000'000;
  const auto page = Parse(MetricsText(
      {.collector = stats, .http = http, .devices = {}, .alerts = FiringAlerts{}, .version = "1"}));
  const std::string expiry = "edgefeed_certificate_expiry_timestamp_seconds{file=";
  CHECK(page.samples.at(expiry + "\"/etc/c.pem\",listener=\"grpc\"}") == 1.8e9);
  CHECK(page.samples.at(expiry + "\"/etc/ca.pem\",listener=\"grpc\"}") == 1.9e9);
  CHECK(page.samples.at(expiry + "\"/etc/c.pem\",listener=\"http\"}") == 1.8e9);
  CHECK_FALSE(page.samples.contains(expiry + "\"\",listener=\"http\"}"));
  CHECK(page.samples.at("edgefeed_collector_tls_renewals_total{listener=\"grpc\"}") == 2);
  CHECK(page.samples.at("edgefeed_collector_tls_renewals_refused_total{listener=\"grpc\"}") == 1);
  CHECK(page.samples.at("edgefeed_collector_tls_renewals_total{listener=\"http\"}") == 0);
}

TEST_CASE("an alert that fires is a series, once") {
  FiringAlerts firing;
  firing.alerts = {
      {.rule = "HOT", .device = "a", .labels = {{"zone", "cpu"}}},
      {.rule = "HOT", .device = "a", .labels = {{"zone", "cpu"}}},
      {.rule = "CPU_HIGH", .device = "b", .severity = Severity::kCritical, .no_data = true}};
  firing.omitted = 4;
  const auto& samples = Render({}, 10, firing).samples;
  CHECK(samples.at(R"(edgefeed_alerts{alertname="HOT",alertstate="firing",device="a",)"
                   R"(severity="warning",label_zone="cpu"})") == 1);
  CHECK(samples.at(R"(edgefeed_alerts{alertname="CPU_HIGH",alertstate="no_data",device="b",)"
                   R"(severity="critical"})") == 1);
  CHECK(samples.at("edgefeed_collector_metrics_alerts_omitted") == 4);
  CHECK(samples.at(R"(edgefeed_collector_alerts_firing{severity="info"})") == 0);
}

TEST_CASE("odd label values are escaped") {
  auto device = MakeDevice("a");
  device.firing = {"q\"b\\n\nx"};
  const auto& samples = Render({device}, 10).samples;
  CHECK(samples.contains(R"(edgefeed_device_firing{device="a",rule="q\"b\\n\nx"})"));
}

TEST_CASE("devices beyond the limit are counted instead of shown") {
  const auto& samples = Render({MakeDevice("a"), MakeDevice("b"), MakeDevice("c")}, 2).samples;
  CHECK(samples.contains("edgefeed_device_connected{device=\"b\"}"));
  CHECK_FALSE(samples.contains("edgefeed_device_connected{device=\"c\"}"));
  CHECK(samples.at("edgefeed_collector_metrics_devices_omitted") == 1);
}

}  // namespace
}  // namespace edgefeed
