#include <doctest/doctest.h>

#include "collector/app/config.h"
#include "tests/unit/config/fake_environment.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

CollectorConfig Config(std::string_view text) {
  const auto config =
      ParseCollectorConfig(text, "/etc/edgefeed/collector.yaml", FakeEnvironment({}));
  CHECK((config ? "" : config.error().message) == "");
  return config ? *config : CollectorConfig{};
}

std::string Errors(std::string_view text) {
  const auto config = ParseCollectorConfig(text, "c.yaml", FakeEnvironment({}));
  return config ? "" : config.error().message;
}

TEST_CASE("collector: an empty file gives the defaults") {
  const auto config = Config("");
  CHECK(config == CollectorConfig{});
  CHECK(ToString(config.listen) == "127.0.0.1:50051");
  CHECK(config.http.enabled);
  CHECK(ToString(config.http.listen) == "127.0.0.1:8080");
  CHECK(config.data_dir == "/var/lib/edgefeed-collector");
  REQUIRE(config.rules.size() == 2);
  CHECK(config.rules[0] == ThresholdRule("CPU_HIGH", "cpu_usage", Comparison::kAbove, 90));
  CHECK(config.rules[0].levels == std::vector<RuleLevel>{{.severity = Severity::kWarning,
                                                          .threshold = 90,
                                                          .clear = {},
                                                          .hold = 0s,
                                                          .keep_firing = 0s}});
  CHECK(config.rules[0].repeat_interval == 5min);
  CHECK(config.limits.payload_size == KiB(256));
  CHECK(config.limits.future_timestamps == 24h);
  CHECK(config.limits.streams_per_connection == 128);
  CHECK(config.limits.callers ==
        CallerLimits{.feeds = 8, .uploads = 8, .subscribers = 64, .device_calls_per_second = 2});
  CHECK(config.uploads == UploadsConfig{.max_file_size = GiB(1),
                                        .quota = GiB(10),
                                        .device_quota = GiB(1),
                                        .device_rate = MiB(2),
                                        .min_free = {.bytes = {}, .percent = 10}});
  CHECK(config.dumps == DumpsConfig{.keep = 30 * 24h, .per_group = 10});
  CHECK(config.history ==
        RetentionConfig{.raw = 72h, .minute = 90 * 24h, .hour = 730 * 24h, .max_size = GiB(20)});
  CHECK(config.drain_to.empty());
}

TEST_CASE("collector: the contract's sample loads and equals the defaults") {
  CHECK(Config(R"(# collector.yaml
listen: 127.0.0.1:50051            # 0.0.0.0:50051 with tls, or with allow_plaintext: true
http: {listen: 127.0.0.1:8080}     # /metrics, /healthz, /readyz, the web page
data_dir: /var/lib/edgefeed-collector
rules:
  - {name: CPU_HIGH, metric: cpu_usage, above: 90}
  - {name: MEMORY_HIGH, metric: memory_mb, above: 4096}
log: {level: info}
# tls: {cert: collector.pem, key: collector.key, client_ca: ca.pem}
)") == CollectorConfig{});
}

TEST_CASE("collector: everything can be set") {
  const auto config = Config(R"(
listen: 0.0.0.0:0
tls: {cert: c.pem, key: c.key, client_ca: ca.pem}
http:
  listen: '[::]:443'
  tls: {cert: h.pem, key: /pki/h.key}
data_dir: data
engine_threads: 64
rules:
  - {name: cold.disk, metric: disk_celsius, below: -2.5, repeat_interval: 0s}
alerts: {flap: {transitions: 0, within: 1s, hold: 1d}}
limits: {payload_size: 4KiB, feed_rate: 8KiB, series_per_device: 1, devices: 2, subscribers: 3, connections: 16,
         connections_per_second: 4, connections_per_second_and_address: 5, streams_per_connection: 17,
         feeds_per_caller: 6, uploads_per_caller: 7, subscribers_per_caller: 8,
         calls_per_second_and_device: 9, future_timestamps: 1s}
uploads: {max_file_size: 1MiB, quota: 1MiB, device_quota: 1KiB, device_rate: 4KiB, min_free: 2GiB}
dumps: {keep: 1h, per_group: 1}
history: {raw: 1h, minute: 1d, hour: 2d, max_size: 256MiB}
drain: {to: [b.example:1, c.example:2]}
log: {level: error}
)");
  CHECK(config.history ==
        RetentionConfig{.raw = 1h, .minute = 24h, .hour = 48h, .max_size = MiB(256)});
  CHECK(config.drain_to ==
        std::vector<Endpoint>{{.host = "b.example", .port = 1}, {.host = "c.example", .port = 2}});
  CHECK(config.listen == Endpoint{.host = "0.0.0.0", .port = 0});
  CHECK(config.tls == TlsFiles{.ca = "/etc/edgefeed/ca.pem",
                               .cert = "/etc/edgefeed/c.pem",
                               .key = "/etc/edgefeed/c.key"});
  CHECK(config.http.listen == Endpoint{.host = "::", .port = 443});
  CHECK(config.http.tls == TlsFiles{.ca = "", .cert = "/etc/edgefeed/h.pem", .key = "/pki/h.key"});
  CHECK(config.data_dir == "/etc/edgefeed/data");
  CHECK(config.engine_threads == 64);
  Rule cold = ThresholdRule("cold.disk", "disk_celsius", Comparison::kBelow, -2.5);
  cold.repeat_interval = 0ms;
  CHECK(config.rules == std::vector<Rule>{cold});
  CHECK(config.alerts.flap == FlapConfig{.transitions = 0, .within = 1s, .hold = 24h});
  CHECK(config.limits ==
        LimitsConfig{
            .payload_size = KiB(4),
            .series_per_device = 1,
            .feed_rate = KiB(8),
            .devices = 2,
            .subscribers = 3,
            .connections = {.connections = 16, .per_second = 4, .per_second_and_address = 5},
            .streams_per_connection = 17,
            .callers = {.feeds = 6, .uploads = 7, .subscribers = 8, .device_calls_per_second = 9},
            .future_timestamps = 1s});
  CHECK(config.uploads == UploadsConfig{.max_file_size = MiB(1),
                                        .quota = MiB(1),
                                        .device_quota = KiB(1),
                                        .device_rate = KiB(4),
                                        .min_free = {.bytes = GiB(2), .percent = 0}});
  CHECK(config.dumps == DumpsConfig{.keep = 1h, .per_group = 1});
  CHECK(config.log_level == LogLevel::kError);
}

TEST_CASE("collector: http can be off, in two spellings") {
  CHECK_FALSE(Config("http: off").http.enabled);
  CHECK_FALSE(Config("http: {enabled: false}").http.enabled);
  CHECK(Errors("http: 127.0.0.1:80") ==
        "c.yaml:1:7: http: found '127.0.0.1:80' where a mapping is needed: {key: value}, or off");
}

TEST_CASE("collector: plaintext is for loopback, or by permission, for each listener by itself") {
  CHECK(Errors("listen: 0.0.0.0:50051\nhttp: {listen: '[::]:8080'}") ==
        "c.yaml:1:9: listen: '0.0.0.0:50051' is not a loopback address: set tls to encrypt, or "
        "allow_plaintext: true to do without\n"
        "c.yaml:2:16: http.listen: '[::]:8080' is not a loopback address: set http.tls to encrypt, "
        "or "
        "http.allow_plaintext: true to do without");
  CHECK(Errors("listen: 0.0.0.0:1\nallow_plaintext: true") == "");
  CHECK(Errors("http: {listen: 0.0.0.0:1, allow_plaintext: true}") == "");
  CHECK(Errors("http: {listen: 0.0.0.0:1}\nallow_plaintext: true") != "");
  CHECK(Errors("http: {listen: 0.0.0.0:1}\ntls: {cert: a, key: b}") != "");
  CHECK(Errors("listen: 0.0.0.0:1\ntls: {cert: a, key: b}") == "");
}

TEST_CASE("collector: operators have the port's TLS unless they have their own") {
  const auto shared = Config(
      "tls: {cert: c, key: k, client_ca: a, crl: l}\n"
      "operators: {listen: 0.0.0.0:2, tokens: tokens.yaml}");
  CHECK(shared.crl == "/etc/edgefeed/l");
  CHECK(shared.operators.tls == shared.tls);
  CHECK(shared.operators.crl == shared.crl);
  CHECK(ToString(*shared.operators.listen) == "0.0.0.0:2");
  CHECK(shared.operators.tokens == "/etc/edgefeed/tokens.yaml");
  const auto own = Config(
      "tls: {cert: c, key: k, client_ca: a, crl: l}\n"
      "operators: {listen: 127.0.0.1:2, tls: {cert: d, key: e}}");
  CHECK(own.operators.tls ==
        TlsFiles{.ca = "", .cert = "/etc/edgefeed/d", .key = "/etc/edgefeed/e"});
  CHECK(own.operators.crl.empty());
  CHECK(Config("operators: {tokens: t}").operators.listen == std::nullopt);
}

TEST_CASE("collector: what would leave operators outside, or a list unread, is refused") {
  CHECK(Errors("tls: {cert: c, key: k, crl: l}") ==
        "c.yaml:1:29: tls.crl: revokes certificates of client_ca, which is not given");
  CHECK(Errors("operators: {tls: {cert: c, key: k}}") ==
        "c.yaml:1:18: operators.tls: is of operators.listen, which is not given");
  CHECK(Errors("tls: {cert: c, key: k, client_ca: a}\noperators: {tokens: t}")
            .find("operators.tokens: with tls.client_ca nobody without a certificate") !=
        std::string::npos);
  CHECK(Errors("operators: {listen: 0.0.0.0:2}")
            .find("operators.listen: '0.0.0.0:2' is not a "
                  "loopback address") != std::string::npos);
  CHECK(Errors("http: {tls: {cert: c, key: k, crl: l}}") ==
        "c.yaml:1:36: http.tls.crl: revokes certificates of client_ca, which is not given");
}

TEST_CASE("collector: the web page has certificates of its own, and a list of revoked ones") {
  const auto http = Config("http: {tls: {cert: c, key: k, client_ca: a, crl: l}}").http;
  CHECK(http.tls ==
        TlsFiles{.ca = "/etc/edgefeed/a", .cert = "/etc/edgefeed/c", .key = "/etc/edgefeed/k"});
  CHECK(http.crl == "/etc/edgefeed/l");
}

TEST_CASE("collector: enrolment needs a port, a CA and the collector's own certificate") {
  const auto config = Config(
      "tls: {cert: c, key: k}\n"
      "enrolment: {listen: 0.0.0.0:3, ca: ca}");
  CHECK(ToString(*config.enrolment.listen) == "0.0.0.0:3");
  CHECK(config.enrolment.authority == "/etc/edgefeed/ca");
  CHECK_FALSE(Config("").enrolment.listen);
  CHECK(Errors("enrolment: {listen: 0.0.0.0:3, ca: ca}")
            .find("enrolment.listen: needs tls: devices know the collector by its certificate") !=
        std::string::npos);
  CHECK(Errors("tls: {cert: c, key: k}\nenrolment: {}") ==
        "c.yaml:2:1: enrolment.listen: is required\nc.yaml:2:1: enrolment.ca: is required");
}

TEST_CASE("collector: tls needs a certificate and its key") {
  CHECK(Errors("tls: {client_ca: a}") ==
        "c.yaml:1:1: tls.cert: is required\nc.yaml:1:1: tls.key: is required");
  CHECK(Errors("http:\n  tls: {cert: a}") == "c.yaml:2:3: http.tls.key: is required");
  CHECK(Errors("tls: {cert: a, key: b, ca: c}").starts_with("c.yaml:1:24: tls.ca: unknown key"));
}

TEST_CASE("collector: rules are replaced as a whole, and may be none") {
  CHECK(Config("rules: []").rules.empty());
  CHECK(Errors("rules:").starts_with("c.yaml:1:1: rules: found no value where a list of mappings"));
}

TEST_CASE("collector: rules are checked") {
  CHECK(Errors(R"(rules:
  - {metric: cpu_usage, above: 90}
  - {name: A, above: 90}
  - {name: B, metric: cpu_usage}
  - {name: C, metric: cpu_usage, above: 1, below: 2}
  - {name: A, metric: cpu_usage, above: x}
  - {name: 'a b', metric: CPU, above: 1, repeat_interval: 1w}
)") == R"(c.yaml:2:5: rules[0].name: is required
c.yaml:3:5: rules[1].metric: is required
c.yaml:4:5: rules[2].above: is required, or below, or levels
c.yaml:5:51: rules[3].below: cannot be combined with above: write two rules
c.yaml:6:12: rules[4].name: 'A' is the name of the rule at c.yaml:3:12
c.yaml:6:41: rules[4].above: 'x' is not a number
c.yaml:7:12: rules[5].name: 'a b' is not a name of up to 64 letters, digits and _ . : -
c.yaml:7:27: rules[5].metric: 'CPU' is not a name of up to 64 of a-z, 0-9 and _ that starts with no digit
c.yaml:7:59: rules[5].repeat_interval: '1w' is not a duration such as 250ms, 10s, 5m, 1h or 3d)");
  CHECK(Errors("rules: [{name: " + std::string(64, 'n') + ", metric: m, above: 1}]") == "");
  CHECK(Errors("rules: [{name: " + std::string(65, 'n') + ", metric: m, above: 1}]") != "");
}

TEST_CASE("collector: the ends of each range") {
  for (const std::string good : {"engine_threads: 0",
                                 "limits: {payload_size: 4KiB}",
                                 "limits: {payload_size: 64MiB}",
                                 "limits: {series_per_device: 1}",
                                 "limits: {series_per_device: 1000000}",
                                 "limits: {devices: 1}",
                                 "limits: {devices: 10000000}",
                                 "limits: {subscribers: 1}",
                                 "limits: {subscribers: 1000000}",
                                 "limits: {future_timestamps: 1s}",
                                 "limits: {streams_per_connection: 16}",
                                 "limits: {feeds_per_caller: 1}",
                                 "limits: {uploads_per_caller: 1}",
                                 "limits: {subscribers_per_caller: 100000}",
                                 "limits: {calls_per_second_and_device: 1}",
                                 "limits: {future_timestamps: 365d}",
                                 "uploads: {max_file_size: 1KiB, quota: 1KiB}",
                                 "uploads: {min_free: 0%}",
                                 "uploads: {min_free: 90%}",
                                 "uploads: {min_free: 0B}",
                                 "dumps: {keep: 3650d, per_group: 10000}",
                                 "rules: [{name: a, metric: b, above: 1, repeat_interval: 30d}]"}) {
    CAPTURE(good);
    CHECK(Errors(good) == "");
  }
  for (const std::string bad : {"engine_threads: -1",
                                "limits: {payload_size: 4095B}",
                                "limits: {payload_size: 65MiB}",
                                "limits: {series_per_device: 0}",
                                "limits: {series_per_device: 1000001}",
                                "limits: {devices: 10000001}",
                                "limits: {subscribers: 0}",
                                "limits: {subscribers: 1000001}",
                                "limits: {streams_per_connection: 15}",
                                "limits: {feeds_per_caller: 0}",
                                "limits: {uploads_per_caller: 0}",
                                "limits: {subscribers_per_caller: 100001}",
                                "limits: {calls_per_second_and_device: 0}",
                                "limits: {future_timestamps: 999ms}",
                                "limits: {future_timestamps: 366d}",
                                "uploads: {max_file_size: 1023B}",
                                "uploads: {quota: 1023MiB}",
                                "uploads: {min_free: 91%}",
                                "uploads: {min_free: 10}",
                                "uploads: {min_free: x%}",
                                "uploads: {device_quota: 1023B}",
                                "uploads: {device_rate: 4095B}",
                                "dumps: {keep: 59m}",
                                "dumps: {per_group: 0}",
                                "rules: [{name: a, metric: b, above: 1, repeat_interval: 31d}]"}) {
    CAPTURE(bad);
    CHECK(Errors(bad) != "");
  }
}

TEST_CASE("collector: impossible values") {
  CHECK(Errors("engine_threads: 65\nuploads: {max_file_size: 20GiB}\nlimits: {devices: 0}") ==
        "c.yaml:1:17: engine_threads: '65' is not a whole number from 0 to 64\n"
        "c.yaml:2:1: uploads.quota: is smaller than max_file_size: no file of that size could be "
        "kept\n"
        "c.yaml:3:19: limits.devices: '0' is not a whole number from 1 to 10000000");
}

TEST_CASE("collector: remote stores, one by one") {
  const auto remotes = Config(R"(
remote_write:
  - url: https://me@vm.example:8428/api/v1/write
    bearer_token_file: token
    headers: {X-Scope-OrgID: lab}
    labels: {site: lab, area: north}
    tls: {ca: ca.pem}
    batch_interval: 0s
  - url: http://10.0.0.1/write
    name: second
    basic_auth: {user: me, password_file: secret}
)")
                           .remote_writes;
  REQUIRE(remotes.size() == 2);
  CHECK(remotes[0].name == "vm.example:8428");
  CHECK(remotes[0].bearer_token_file == "/etc/edgefeed/token");
  CHECK(remotes[0].headers == std::vector<HttpHeader>{{"X-Scope-OrgID", "lab"}});
  CHECK(remotes[0].labels == Labels{{"area", "north"}, {"site", "lab"}});
  CHECK(remotes[0].tls.ca == "/etc/edgefeed/ca.pem");
  CHECK(remotes[0].batch_interval == 0s);
  CHECK(remotes[0].batch_size == 10'000);
  CHECK(remotes[1].name == "second");
  CHECK(remotes[1].user == "me");
  CHECK(remotes[1].password_file == "/etc/edgefeed/secret");
  CHECK(Config("http: {metrics_devices: 5}").http.metrics_devices == 5);
}

TEST_CASE("collector: what a remote store cannot be is said in its place") {
  CHECK(Errors("remote_write: [{name: x}]").find("url") != std::string::npos);
  CHECK(Errors("remote_write: [{url: 'ftp://x'}]").find("http://") != std::string::npos);
  CHECK(Errors("remote_write: [{url: 'http://x/a'}, {url: 'http://x/b'}]")
            .find("'x' is the name of another one") != std::string::npos);
  CHECK(Errors("remote_write: [{url: 'http://x', name: ../x}]").find("letters") !=
        std::string::npos);
  CHECK(Errors("remote_write: [{url: 'http://x', headers: {Content-Type: text}}]")
            .find("sends this header itself") != std::string::npos);
  CHECK(Errors("remote_write: [{url: 'http://x', labels: {edgefeed_device: y}}]")
            .find("sets this label itself") != std::string::npos);
  CHECK(Errors("remote_write: [{url: 'http://x', tls: {cert: c.pem}}]").find("both needed") !=
        std::string::npos);
  CHECK(Errors("remote_write: [{url: 'http://x', bearer_token_file: t, "
               "basic_auth: {user: u, password_file: p}}]")
            .find("not together") != std::string::npos);
  std::string many = "remote_write:\n";
  for (int i = 0; i < 9; ++i) many += "  - url: http://host-" + std::to_string(i) + "\n";
  CHECK(Errors(many).find("8 at most") != std::string::npos);
}

}  // namespace
}  // namespace edgefeed
