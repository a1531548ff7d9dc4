#include <doctest/doctest.h>

#include "agent/app/config.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/config/fake_environment.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

Result<AgentConfig> Parse(std::string_view text) {
  return ParseAgentConfig(text, "/etc/edgefeed/agent.yaml",
                          FakeEnvironment({{"HOSTNAME", "board-7"}}));
}

AgentConfig Config(std::string_view text) {
  const auto config = Parse(text);
  CHECK((config ? "" : config.error().message) == "");
  return config ? *config : AgentConfig{};
}

std::string Errors(std::string_view text) {
  const auto config = ParseAgentConfig(text, "a.yaml", FakeEnvironment({{"HOSTNAME", "board-7"}}));
  return config ? "" : config.error().message;
}

TEST_CASE("agent: an empty file gives the defaults") {
  const auto config = Config("");
  CHECK(config.service_name == "board-7");
  CHECK(config.labels.empty());
  CHECK(config.collector_addresses == std::vector<Endpoint>{{.host = "localhost", .port = 50051}});
  CHECK_FALSE(config.tls);
  CHECK_FALSE(config.allow_plaintext);
  CHECK(config.sample_interval == 1s);
  CHECK(config.state_dir == "/var/lib/edgefeed-agent");
  CHECK(config.outbox == OutboxConfig{.memory_limit = MiB(16),
                                      .max_size = MiB(64),
                                      .min_free = MiB(32),
                                      .sync_every = 60s,
                                      .drain_rate = 500});
  CHECK(config.link == Link::kNormal);
  CHECK(config.batch_interval == 0ms);
  CHECK(config.on_alert == OnAlertConfig{.command = {}, .timeout = 10s, .queue = 16});
  CHECK(config.statsd == StatsdConfig{.listen = {},
                                      .socket = {},
                                      .max_series = 200,
                                      .max_rate = 1000,
                                      .max_memory = MiB(1),
                                      .forget_after = 10min});
  CHECK(config.log_level == LogLevel::kInfo);
}

TEST_CASE("agent: without a file that can be used the defaults are the same") {
  auto expected = Config("");
  expected.service_name.clear();  // Nobody has said it.
  CHECK(AgentConfig{} == expected);
}

TEST_CASE("agent: it is asked for its status where the state is, or elsewhere, or nowhere") {
  CHECK(Config("").status_socket == "/var/lib/edgefeed-agent/status.sock");
  CHECK(Config("state_dir: /data/agent").status_socket == "/data/agent/status.sock");
  CHECK(Config("status: {socket: run/s}").status_socket == "/etc/edgefeed/run/s");
  CHECK(Config("status: {socket: ''}").status_socket.empty());
  CHECK_FALSE(Config("state_dir: /" + std::string(200, 'x')).status_socket.empty());
  CHECK(Errors("status: {socket: /" + std::string(107, 'x') + "}") ==
        "a.yaml:1:18: status.socket: has 108 bytes, a socket's path at most 107");
}

TEST_CASE("agent: the status socket is found in a file that is bad otherwise, or missing") {
  const TempDir directory;
  const Environment nothing = FakeEnvironment({});
  const auto bad = directory.Write("bad.yaml",
                                   "service_name: ${NOT_SET}\nsample_intervall: 1s\n"
                                   "state_dir: /data/agent\ncollector: {address: nonsense}\n");
  CHECK(StatusSocketOf(bad, nothing) == "/data/agent/status.sock");
  CHECK(StatusSocketOf(directory.Write("no.yaml", "a: [b"), nothing) ==
        "/var/lib/edgefeed-agent/status.sock");
  CHECK(StatusSocketOf("/no/such/file", nothing) == "/var/lib/edgefeed-agent/status.sock");
}

TEST_CASE("agent: crashes are looked for where the state is") {
  CHECK(Config("state_dir: /data").crash_dumps.directories ==
        std::vector<std::filesystem::path>{"/data/crashes"});
}

TEST_CASE("agent: the contract's sample loads and equals the defaults") {
  auto expected = Config("");
  expected.labels = {{.name = "site", .value = "lab"}};
  CHECK(Config(R"(# agent.yaml
service_name: ${HOSTNAME}          # default: the host's name
labels: {site: lab}
collector: {address: localhost:50051}
sample_interval: 1s
state_dir: /var/lib/edgefeed-agent
outbox: {max_size: 64MiB}
crash_dumps: {directories: [/var/lib/edgefeed-agent/crashes]}
log: {level: info}
# tls: {ca: ca.pem, cert: agent.pem, key: agent.key}   # without it only loopback, or allow_plaintext: true
)") == expected);
}

TEST_CASE("agent: everything can be set") {
  const auto config = Config(R"(
service_name: gateway.1
labels: {zone: b, rack: r7}
collector:
  address: [a.example:1, '[2001:db8::1]:2']
tls: {ca: ca.pem, cert: /pki/agent.pem, key: ../agent.key}
sample_interval: 250ms
state_dir: /data
outbox: {memory_limit: 64KiB, max_size: 1GiB, min_free: 1MiB, sync_every: 5s, drain_rate: 0}
link: metered
batch_interval: 1m
on_alert: {command: [/bin/echo, '', -n], timeout: 1m, queue: 1024}
statsd: {listen: '[::1]:8125', socket: run/statsd.sock, max_series: 1, max_rate: 2, max_memory: 3MiB,
  forget_after: 4s}
crash_dumps: {directories: /cores, systemd_directory: '', mode: stacks, full_limit: 1MiB, max_size: 2MiB,
  min_free: 3MiB, keep: 1h, per_signature_hourly: 1, per_device_hourly: 10000, upload_rate: 0B}
log: {level: debug}
)");
  CHECK(config.service_name == "gateway.1");
  CHECK(config.labels == Labels{{"rack", "r7"}, {"zone", "b"}});
  CHECK(config.collector_addresses == std::vector<Endpoint>{{"a.example", 1}, {"2001:db8::1", 2}});
  CHECK(config.tls ==
        TlsFiles{.ca = "/etc/edgefeed/ca.pem", .cert = "/pki/agent.pem", .key = "/etc/agent.key"});
  CHECK(config.sample_interval == 250ms);
  CHECK(config.state_dir == "/data");
  CHECK(config.outbox == OutboxConfig{.memory_limit = KiB(64),
                                      .max_size = GiB(1),
                                      .min_free = MiB(1),
                                      .sync_every = 5s,
                                      .drain_rate = 0});
  CHECK(config.link == Link::kMetered);
  CHECK(config.batch_interval == 1min);
  CHECK(config.on_alert ==
        OnAlertConfig{.command = {"/bin/echo", "", "-n"}, .timeout = 1min, .queue = 1024});
  CHECK(config.statsd == StatsdConfig{.listen = Endpoint{"::1", 8125},
                                      .socket = "/etc/edgefeed/run/statsd.sock",
                                      .max_series = 1,
                                      .max_rate = 2,
                                      .max_memory = MiB(3),
                                      .forget_after = 4s});
  CHECK(config.crash_dumps == CrashConfig{.directories = {"/cores"},
                                          .systemd_directory = {},
                                          .mode = DumpMode::kStacks,
                                          .full_limit = MiB(1),
                                          .max_size = MiB(2),
                                          .min_free = MiB(3),
                                          .keep = 1h,
                                          .per_signature_hourly = 1,
                                          .per_device_hourly = 10'000});
  CHECK(config.dump_upload_rate == Bytes{0});
  CHECK(config.log_level == LogLevel::kDebug);
}

TEST_CASE("agent: the device's name is checked, also the default one") {
  CHECK(Errors("service_name: a b") ==
        "a.yaml:1:15: service_name: 'a b' may only hold letters, digits and . _ : -");
  CHECK(Errors("service_name: ''") == "a.yaml:1:15: service_name: is empty");
  CHECK(Errors("service_name: " + std::string(129, 'a'))
            .ends_with(" has 129 characters, at most 128 are allowed"));
  const auto no_name = ParseAgentConfig("# A comment.\nlabels: {}", "a.yaml", FakeEnvironment({}));
  REQUIRE_FALSE(no_name);
  CHECK(no_name.error().message ==
        "a.yaml:1:1: service_name: the default, the host's name, is empty");
}

TEST_CASE("agent: labels are checked") {
  CHECK(Errors("labels: {Site: a}") ==
        "a.yaml:1:10: labels.Site: 'Site' is not a name of up to 64 of a-z, 0-9 and _ that starts "
        "with no digit");
  CHECK(Errors("labels:\n  _ok: " + std::string(128, 'v')) == "");
  CHECK(Errors("labels:\n  site: " + std::string(129, 'v')) ==
        "a.yaml:2:3: labels.site: has 129 bytes, at most 128 are allowed");
  std::string many = "labels:\n";
  for (int i = 0; i < 32; ++i) many += "  l" + std::to_string(i) + ": x\n";
  CHECK(Errors(many) == "");
  CHECK(Errors(many + "  more: x\n") ==
        "a.yaml:2:3: labels: has 33 labels, at most 32 are allowed");
}

TEST_CASE("agent: plaintext is for loopback, or by permission") {
  CHECK(Errors("collector: {address: collector.example:50051}") ==
        "a.yaml:1:22: collector.address: 'collector.example:50051' is not a loopback address: set "
        "tls to encrypt, or allow_plaintext: true to do without");
  CHECK(Errors("collector: {address: [localhost:1, 10.0.0.1:1]}") ==
        "a.yaml:1:36: collector.address[1]: '10.0.0.1:1' is not a loopback address: set tls to "
        "encrypt, or allow_plaintext: true to do without");
  CHECK(Errors("collector: {address: 10.0.0.1:1}\nallow_plaintext: true") == "");
  CHECK(Errors("collector: {address: 10.0.0.1:1}\ntls: {ca: ca.pem}") == "");
  CHECK(Errors("collector: {address: [127.0.0.2:1, '[::1]:1']}") == "");
}

TEST_CASE("agent: applications are listened to on loopback only") {
  CHECK(Errors("statsd: {listen: 0.0.0.0:8125}") ==
        "a.yaml:1:18: statsd.listen: '0.0.0.0:8125' is not a loopback address: only applications "
        "of this device may send");
  CHECK(Errors("statsd: {listen: 'board-7:8125'}") != "");
  CHECK(Errors("statsd: {listen: '8125'}") ==
        "a.yaml:1:18: statsd.listen: '8125' is not HOST:PORT (an IPv6 host goes in brackets)");
  CHECK(Errors("statsd: {socket: /" + std::string(107, 'x') + "}") ==
        "a.yaml:1:18: statsd.socket: has 108 bytes, a socket's path at most 107");
  for (const std::string good : {"listen: 127.0.0.2:1", "listen: 'localhost:0'", "listen: ''"}) {
    CAPTURE(good);
    CHECK(Errors("statsd: {" + good + "}") == "");
  }
  for (const std::string bad :
       {"max_series: 0", "max_series: 513", "max_rate: 0", "max_rate: 100001", "max_memory: 15KiB",
        "max_memory: 65MiB", "forget_after: 999ms", "forget_after: 25h"}) {
    CAPTURE(bad);
    CHECK(Errors("statsd: {" + bad + "}") != "");
  }
}

TEST_CASE("agent: addresses are checked") {
  CHECK(Errors("collector: {address: []}") ==
        "a.yaml:1:22: collector.address: has 0 addresses, allowed are 1 to 16");
  CHECK(
      Errors("collector: {address: localhost:0}") ==
      "a.yaml:1:22: collector.address: 'localhost:0' is not HOST:PORT with a port from 1 to 65535");
  CHECK(Errors("collector: {address: localhost}") ==
        "a.yaml:1:22: collector.address: 'localhost' is not HOST:PORT (an IPv6 host goes in "
        "brackets)");
}

TEST_CASE("agent: tls needs a ca, and cert and key only together") {
  CHECK(Errors("tls: {}") == "a.yaml:1:1: tls.ca: is required");
  CHECK(Errors("tls:\n") == "a.yaml:1:1: tls.ca: is required");
  CHECK(Errors("tls: {ca: a, cert: b}") == "a.yaml:1:1: tls.key: is required with cert");
  CHECK(Errors("tls: {ca: a, key: b}") == "a.yaml:1:1: tls.cert: is required with key");
}

TEST_CASE("agent: an alert's command is an absolute path") {
  CHECK(Errors("on_alert: {command: [notify]}") ==
        "a.yaml:1:21: on_alert.command: 'notify' is not an absolute path");
  CHECK(Errors("on_alert: {command: /bin/notify}") ==
        "a.yaml:1:21: on_alert.command: found '/bin/notify' where a list is needed: [a, b], or [] "
        "for "
        "none");
}

TEST_CASE("agent: a list with a bad item gives no second problem") {
  CHECK(Errors("on_alert: {command: [[x], y]}") ==
        "a.yaml:1:22: on_alert.command[0]: found a list where a single value is needed");
}

TEST_CASE("agent: the ends of each range") {
  for (const std::string good :
       {"sample_interval: 100ms", "sample_interval: 1h", "outbox: {memory_limit: 64KiB}",
        "outbox: {memory_limit: 64GiB}", "outbox: {max_size: 1MiB}", "outbox: {max_size: 1TiB}",
        "on_alert: {timeout: 100ms}", "on_alert: {timeout: 10m}", "on_alert: {queue: 1}",
        "on_alert: {queue: 1024}"}) {
    CAPTURE(good);
    CHECK(Errors(good) == "");
  }
  for (const std::string bad :
       {"sample_interval: 99ms", "sample_interval: 3600001ms", "outbox: {memory_limit: 65535B}",
        "outbox: {memory_limit: 65GiB}", "outbox: {max_size: 1048575B}",
        "outbox: {max_size: 1025GiB}", "on_alert: {timeout: 99ms}", "on_alert: {timeout: 600001ms}",
        "on_alert: {queue: 0}", "on_alert: {queue: 1025}"}) {
    CAPTURE(bad);
    CHECK(Errors(bad) != "");
  }
}

TEST_CASE("agent: impossible values") {
  CHECK(Errors("sample_interval: 50ms\noutbox: {memory_limit: 1KiB, max_size: 0B}\n"
               "on_alert: {timeout: 11m, queue: 0}") ==
        "a.yaml:1:18: sample_interval: '50ms' is out of range, allowed are 100ms to 1h\n"
        "a.yaml:2:24: outbox.memory_limit: '1KiB' is out of range, allowed are 64KiB to 64GiB\n"
        "a.yaml:2:40: outbox.max_size: '0B' is out of range, allowed are 1MiB to 1TiB\n"
        "a.yaml:3:21: on_alert.timeout: '11m' is out of range, allowed are 100ms to 10m\n"
        "a.yaml:3:33: on_alert.queue: '0' is not a whole number from 1 to 1024");
}

}  // namespace
}  // namespace edgefeed
