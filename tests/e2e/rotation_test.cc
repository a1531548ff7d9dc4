// Certificates and keys are replaced under the feet of the running programs.

#include <doctest/doctest.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): SIGTERM is POSIX, as the rig is.

#include <fstream>
#include <string>

#include "common/base/file.h"
#include "tests/e2e/rig.h"
#include "tests/support/tls_client.h"

namespace edgefeed::e2e {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMakeCertificates = R"(
set -e
for ca in old-ca new-ca; do
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 \
    -subj "/CN=$ca" -keyout $ca.key -out $ca.pem
done
cat old-ca.pem new-ca.pem > both-ca.pem
issue() {  # NAME CA
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
    -keyout $1.key -out $1.csr
  echo "subjectAltName=IP:127.0.0.1,URI:edgefeed://device/rotating" > $1.ext
  openssl x509 -req -in $1.csr -CA $2.pem -CAkey $2.key -CAcreateserial -days 60 \
    -extfile $1.ext -out $1.pem
}
issue server-1 old-ca
issue server-2 old-ca
issue server-3 new-ca
issue device-1 old-ca
issue device-2 old-ca
issue device-3 new-ca
)";

// What an operator has made elsewhere, and what the programs read here.
class Store {
 public:
  Store() {
    Program openssl({.program = "/bin/sh",
                     .arguments = {"-c", kMakeCertificates},
                     .directory = directory_.path()});
    REQUIRE_MESSAGE(openssl.Wait(kPatience) == 0, openssl.Output(Stream::kStderr));
  }

  // Where the programs read a file of this name, which holds what `made` does.
  std::string Put(const std::string& file, const std::string& made) const {
    const fs::path target = Live(file);
    fs::copy_file(Made(made), target.string() + ".new");
    fs::rename(target.string() + ".new", target);
    return target.string();
  }
  // The same for a certificate and its key.
  void PutPair(const std::string& name, const std::string& made) const {
    Put(name + ".pem", made + ".pem");
    Put(name + ".key", made + ".key");
  }
  // As who runs out of space would leave it.
  void Truncate(const std::string& file) const {
    const std::string whole = *ReadSmallFile(Live(file));
    std::ofstream(Live(file)) << whole.substr(0, whole.size() / 2);
  }
  [[nodiscard]] TlsFiles Pair(const std::string& made) const {
    return {.ca = {}, .cert = Made(made + ".pem"), .key = Made(made + ".key")};
  }
  [[nodiscard]] std::string Tls(const std::string& ca_key, const std::string& name) const {
    return "tls: {" + ca_key + ": " + Live(name + "-ca.pem").string() +
           ", cert: " + Live(name + ".pem").string() + ", key: " + Live(name + ".key").string() +
           "}";
  }
  [[nodiscard]] fs::path Live(const std::string& file) const {
    return directory_.path() / ("live-" + file);
  }

 private:
  [[nodiscard]] fs::path Made(const std::string& file) const { return directory_.path() / file; }
  TempDir directory_;
};

constexpr const char* kRenewed = "tls: new certificates or keys are in use";

struct Rotation {
  Rotation() {
    for (const std::string name : {"server", "device"}) {
      store.PutPair(name, name + "-1");
      store.Put(name + "-ca.pem", "old-ca.pem");
    }
  }

  // Who a new connection is shown by the collector; "refused" if this client is not let in.
  [[nodiscard]] std::string Shown(const std::string& client) const {
    const auto visit = Visit(collector->port(), {.files = store.Pair(client)});
    return visit ? visit->common_name : "refused";
  }
  void AwaitMore(int samples) const {
    const double before = Payloads();
    CHECK(Await([&] { return Payloads() >= before + samples; }));
  }
  [[nodiscard]] double Payloads() const {
    return collector->DeviceMetric("edgefeed_device_payloads_total", "rotating");
  }
  [[nodiscard]] std::vector<std::string> CtlArguments(std::vector<std::string> more) const {
    std::vector<std::string> arguments = {"--collector", collector->address(),
                                          "--ca",        store.Live("device-ca.pem").string(),
                                          "--cert",      store.Live("device.pem").string(),
                                          "--key",       store.Live("device.key").string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  Store store;
  std::unique_ptr<RunningCollector> collector;
};

TEST_CASE(
    "certificates, keys and their authority are replaced without a restart or a lost sample") {
  Rotation rotation;
  const Store& store = rotation.store;
  rotation.collector =
      std::make_unique<RunningCollector>(store.Tls("client_ca", "server") + "\nrules: []");
  RunningCollector& collector = *rotation.collector;
  RunningAgent agent({.name = "rotating",
                      .collector = collector.address(),
                      .interval = "100ms",
                      .more = store.Tls("ca", "device")});
  REQUIRE(agent.program().WaitForLine("connected to", kPatience));
  rotation.AwaitMore(5);
  CHECK(rotation.Shown("device-1") == "server-1");
  const auto watch = Run("edgefeedctl", rotation.CtlArguments({"--json", "watch", "rotating"}));
  REQUIRE(watch->WaitForLine("rotating", kPatience));

  // The collector's own: first half a file, then a good pair.
  store.Truncate("server.pem");
  CHECK(collector.program().WaitForLine("server.pem: certificate 1 of 1 is cut short or damaged",
                                        kPatience));
  CHECK(rotation.Shown("device-1") == "server-1");
  rotation.AwaitMore(20);
  store.PutPair("server", "server-2");
  CHECK(collector.program().WaitForLine(kRenewed, kPatience));
  CHECK(rotation.Shown("device-1") == "server-2");
  CHECK(collector.program().CountLines("cut short") == 1);
  const std::string renewals = "edgefeed_collector_tls_renewals";
  CHECK(collector.Metric(renewals + "_refused_total{listener=\"grpc\"}") == 1);
  CHECK(collector.Metric(renewals + "_total{listener=\"grpc\"}") == 1);
  CHECK(collector.Metric("edgefeed_certificate_expiry_timestamp_seconds{file=\"" +
                         store.Live("server.pem").string() + "\",listener=\"grpc\"}") > 1e9);
  CHECK(agent.program().CountLines("connected to") == 1);  // It had no need to notice.

  // The agent's own: first a key of another certificate.
  store.Put("device.key", "device-2.key");
  CHECK(agent.program().WaitForLine("device.key: is not the private key of", kPatience));
  rotation.AwaitMore(20);
  store.PutPair("device", "device-2");
  CHECK(agent.program().WaitForLine(kRenewed, kPatience));
  CHECK(agent.program().WaitForLine("connected to", kPatience));
  CHECK(agent.program().CountLines("is not the private key of") == 1);
  rotation.AwaitMore(5);

  // The authority: both are believed, then all certificates are of the new one, which alone is
  // believed at last.
  store.Put("server-ca.pem", "both-ca.pem");
  store.Put("device-ca.pem", "both-ca.pem");
  CHECK(collector.program().WaitForLine(kRenewed, kPatience));
  CHECK(agent.program().WaitForLine(kRenewed, kPatience));
  store.PutPair("server", "server-3");
  store.PutPair("device", "device-3");
  CHECK(collector.program().WaitForLine(kRenewed, kPatience));
  CHECK(agent.program().WaitForLine(kRenewed, kPatience));
  CHECK(agent.program().WaitForLine("connected to", kPatience));
  CHECK(rotation.Shown("device-1") == "server-3");
  CHECK(rotation.Shown("device-3") == "server-3");
  store.Put("server-ca.pem", "new-ca.pem");
  store.Put("device-ca.pem", "new-ca.pem");
  CHECK(collector.program().WaitForLine(kRenewed, kPatience));
  CHECK(agent.program().WaitForLine(kRenewed, kPatience));
  CHECK(rotation.Shown("device-1") == "refused");
  CHECK(rotation.Shown("device-3") == "server-3");
  rotation.AwaitMore(5);
  CHECK(agent.program().CountLines("connected to") == 3);
  CHECK(agent.program().CountLines("lost collector") == 0);
  CHECK(collector.Metric("edgefeed_collector_payloads_duplicate_total") == 0);
  CHECK(watch->CountLines("lost") == 0);

  const auto snapshot = Run("edgefeedctl", rotation.CtlArguments({"snapshot", "rotating"}));
  CHECK(snapshot->Wait(kPatience) == 0);
  CHECK(snapshot->CountLines("agent_certificate_expires_seconds") == 1);

  // Who has to come back does so with what is there now.
  collector.program().Signal(SIGTERM);
  REQUIRE(collector.program().Wait(kPatience) == 0);
  collector.Start();
  CHECK(agent.program().WaitForLine("connected to", kPatience));
  const std::size_t seen = watch->CountLines("\"service_name\"");
  CHECK(Await([&] { return watch->CountLines("\"service_name\"") > seen + 2; }));

  agent.AwaitDelivered();
  const AgentTotals totals = agent.Stop();
  CHECK(totals.dropped == 0);
  CHECK(totals.taken == totals.delivered);
  CHECK(rotation.Payloads() == static_cast<double>(totals.taken));
}

TEST_CASE("the collector's web port shows new certificates too") {
  Rotation rotation;
  const Store& store = rotation.store;
  RunningCollector collector(
      "rules: []", "127.0.0.1",
      "{listen: 127.0.0.1:0, tls: {cert: " + store.Live("server.pem").string() +
          ", key: " + store.Live("server.key").string() + "}}");
  const auto shown = [&] {
    Program openssl({.program = "/bin/sh",
                     .arguments = {"-c", "openssl s_client -connect 127.0.0.1:" +
                                             std::to_string(collector.http_port()) +
                                             " </dev/null | openssl x509 -noout -subject"}});
    CHECK(openssl.Wait(kPatience) == 0);
    return openssl.Output(Stream::kStdout);
  };
  CHECK(shown() == "subject=CN = server-1\n");
  store.PutPair("server", "server-3");
  CHECK(
      collector.program().WaitForLine("http.tls: new certificates or keys are in use", kPatience));
  CHECK(shown() == "subject=CN = server-3\n");
}

TEST_CASE("a key that every user can read is refused by all programs, with the remedy") {
  Rotation rotation;
  const Store& store = rotation.store;
  fs::permissions(store.Live("server.key"), fs::perms::others_read, fs::perm_options::add);
  const TempDir directory;
  const auto collector_config =
      directory.Write("collector.yaml", "listen: 127.0.0.1:0\nhttp: off\ndata_dir: data\n" +
                                            store.Tls("client_ca", "server") + "\n");
  store.Put("server-ca.pem", "old-ca.pem");
  const auto agent_config = directory.Write(
      "agent.yaml", "collector: {address: 127.0.0.1:1}\nstate_dir: state\ntls: {ca: " +
                        store.Live("server-ca.pem").string() +
                        ", cert: " + store.Live("server.pem").string() +
                        ", key: " + store.Live("server.key").string() + "}\n");
  const auto remote_config = directory.Write("remote.yaml",
                                             "listen: 127.0.0.1:0\nhttp: off\ndata_dir: "
                                             "data\nremote_write:\n  - url: https://127.0.0.1:1\n"
                                             "    tls: {cert: " +
                                                 store.Live("server.pem").string() + ", key: " +
                                                 store.Live("server.key").string() + "}\n");
  const auto notify_config =
      directory.Write("notify.yaml",
                      "listen: 127.0.0.1:0\nhttp: off\ndata_dir: data\nnotify: {receivers: [{name: "
                      "ops, webhook: {url: "
                      "'https://127.0.0.1:1', tls: {cert: " +
                          store.Live("server.pem").string() +
                          ", key: " + store.Live("server.key").string() + "}}}]}\n");
  const std::vector<std::pair<std::string, std::vector<std::string>>> programs = {
      {"edgefeed-collector", {"--config", remote_config.string()}},
      {"edgefeed-collector", {"--config", notify_config.string()}},
      {"edgefeed-collector", {"--config", collector_config.string()}},
      {"edgefeed-agent", {"--config", agent_config.string()}},
      {"edgefeedctl",
       {"--collector", "127.0.0.1:1", "--ca", store.Live("server-ca.pem").string(), "--cert",
        store.Live("server.pem").string(), "--key", store.Live("server.key").string(), "devices"}}};
  for (const auto& [name, arguments] : programs) {
    CAPTURE(name);
    const auto program = Run(name, arguments);
    const auto status = program->Wait(kPatience);
    REQUIRE(status);
    CHECK(*status != 0);
    CHECK(program->CountLines("chmod o= " + store.Live("server.key").string()) == 1);
  }
}

}  // namespace
}  // namespace edgefeed::e2e
