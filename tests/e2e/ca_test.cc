// `edgefeedctl ca` with the real programs: a collector, agents and operators that have nothing but
// what it made, and a CA that is killed between any two of its steps.

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "common/base/file.h"
#include "tests/e2e/rig.h"

namespace edgefeed::e2e {
namespace {

namespace fs = std::filesystem;
using doctest::Contains;
using Words = std::vector<std::string>;

constexpr int kKilled = 128 + 9;

doctest::String Text(const std::string& text) { return {text.c_str()}; }

// A directory with a CA in it, and what it hands out beside it.
class Office {
 public:
  // Exit status; what was said is kept.
  int Ca(Words arguments, int die_at = 0) {
    arguments.insert(arguments.begin(), "ca");
    arguments.insert(arguments.end(), {"--dir", "ca"});
    Words environment;
    if (die_at > 0) {
      environment = {"LD_PRELOAD=" EDGEFEED_DIE_AT_LIBRARY,
                     "EDGEFEED_DIE_AT=" + std::to_string(die_at),
                     // It does not like to come second.
                     "ASAN_OPTIONS=verify_asan_link_order=0"};
    }
    return Finish({.program = BuiltProgram("edgefeedctl"),
                   .arguments = std::move(arguments),
                   .environment = environment,
                   .directory = dir_.path()});
  }
  void MustCa(const Words& arguments) {
    const int status = Ca(arguments);
    REQUIRE_MESSAGE(status == 0, said_);
  }
  // Whether the CA has written down that the device is.
  bool IsRevoked(const std::string& device) {
    MustCa({"ls", "--json"});
    const auto at = said_.find(R"("kind":"device","name":")" + device + '"');
    REQUIRE(at != std::string::npos);
    return said_.substr(at, said_.find('\n', at) - at).ends_with(R"("state":"revoked"})");
  }
  int Openssl(const std::string& arguments) {
    return Finish({.program = "/bin/sh",
                   .arguments = {"-c", "exec openssl " + arguments},
                   .directory = dir_.path()});
  }
  // What openssl says of a certificate that a client shows: "OK" or why not.
  std::string Verify(const std::string& certificate) {
    static_cast<void>(
        Openssl("verify -x509_strict -purpose sslclient -CAfile ca/ca.pem -CRLfile ca/crl.pem "
                "-crl_check " +
                certificate));
    return said_;
  }

  [[nodiscard]] std::string Path(const std::string& name) const {
    return (dir_.path() / name).string();
  }
  [[nodiscard]] bool Has(const std::string& name) const { return fs::exists(Path(name)); }
  void Remove(const std::string& name) const { fs::remove_all(Path(name)); }
  [[nodiscard]] const std::string& said() const { return said_; }

 private:
  int Finish(ProgramSpec spec) {
    Program program(std::move(spec));
    const auto status = program.Wait(kPatience);
    REQUIRE(status);
    said_ = program.Output(Stream::kStdout) + program.Output(Stream::kStderr);
    return *status;
  }

  TempDir dir_;
  std::string said_;
};

std::string CollectorTls(const Office& office) {
  return "tls: {cert: " + office.Path("hub/collector.pem") +
         ", key: " + office.Path("hub/collector.key") +
         ", client_ca: " + office.Path("hub/ca.pem") + "}";
}

AgentSpec Agent(const Office& office, const RunningCollector& collector, const std::string& name) {
  const std::string files = office.Path("device-" + name);
  return {.name = name,
          .collector = collector.address(),
          .more = "tls: {ca: " + files + "/ca.pem, cert: " + files + "/agent.pem, key: " + files +
                  "/agent.key}"};
}

bool AwaitPayloads(const RunningCollector& collector, const std::string& device) {
  return Await(
      [&] { return collector.DeviceMetric("edgefeed_device_payloads_total", device) >= 2; });
}

TEST_CASE("a fleet runs on certificates of edgefeedctl ca alone, and on renewed ones") {
  Office office;
  office.MustCa({"init"});
  office.MustCa({"issue", "collector", "localhost", "127.0.0.1", "--out", "hub"});
  office.MustCa({"issue", "device", "cam-01"});
  office.MustCa({"issue", "operator", "alice"});
  RunningCollector collector(CollectorTls(office));
  RunningAgent agent(Agent(office, collector, "cam-01"));
  CHECK(agent.program().WaitForLine("connected to", kPatience));
  CHECK(AwaitPayloads(collector, "cam-01"));

  const std::string alice = office.Path("operator-alice");
  for (const std::string host : {"127.0.0.1", "localhost"}) {
    const auto ctl =
        Run("edgefeedctl", {"--collector", host + ":" + std::to_string(collector.port()), "--ca",
                            alice + "/ca.pem", "--cert", alice + "/me.pem", "--key",
                            alice + "/me.key", "devices", "--names"});
    const auto status = ctl->Wait(kPatience);
    CAPTURE(ctl->Output(Stream::kStderr));
    CHECK(status == 0);
    CHECK(ctl->Output(Stream::kStdout) == "cam-01\n");
  }
  const auto nobody = Run(
      "edgefeedctl", {"--collector", collector.address(), "--ca", alice + "/ca.pem", "devices"});
  CHECK(nobody->Wait(kPatience) == 1);

  const std::string before = *ReadSmallFile(office.Path("device-cam-01/agent.pem"));
  office.MustCa({"renew", "cam-01"});
  CHECK(*ReadSmallFile(office.Path("device-cam-01/agent.pem")) != before);
  agent.Stop();
  agent.Start();
  CHECK(agent.program().WaitForLine("connected to", kPatience));
}

TEST_CASE("a device that the CA revokes is cut off, and its renewed neighbour goes on") {
  Office office;
  office.MustCa({"init"});
  office.MustCa({"issue", "collector", "127.0.0.1", "--out", "hub"});
  office.MustCa({"issue", "device", "stolen"});
  office.MustCa({"issue", "device", "kept"});
  RunningCollector collector("tls: {cert: " + office.Path("hub/collector.pem") +
                             ", key: " + office.Path("hub/collector.key") +
                             ", client_ca: " + office.Path("hub/ca.pem") +
                             ", crl: " + office.Path("ca/crl.pem") + "}");
  RunningAgent stolen(Agent(office, collector, "stolen"));
  RunningAgent kept(Agent(office, collector, "kept"));
  CHECK(AwaitPayloads(collector, "stolen"));
  CHECK(AwaitPayloads(collector, "kept"));
  office.MustCa({"renew", "kept"});
  office.MustCa({"revoke", "stolen"});
  CHECK(stolen.program().WaitForLine("is revoked", kPatience));
  const double last = collector.DeviceMetric("edgefeed_device_payloads_total", "stolen");
  const double before = collector.DeviceMetric("edgefeed_device_payloads_total", "kept");
  CHECK(Await([&] {
    return collector.DeviceMetric("edgefeed_device_payloads_total", "kept") >= before + 20;
  }));
  CHECK(collector.DeviceMetric("edgefeed_device_payloads_total", "stolen") == last);
}

TEST_CASE("what people may do is what their certificate says") {
  Office office;
  office.MustCa({"init"});
  office.MustCa({"issue", "collector", "127.0.0.1", "--out", "hub"});
  RunningCollector collector(CollectorTls(office));
  const auto silence = [&](const std::string& role) {
    office.MustCa({"issue", role, "kim"});
    const std::string files = office.Path(role + "-kim");
    const auto ctl =
        Run("edgefeedctl", {"--collector", collector.address(), "--ca", files + "/ca.pem", "--cert",
                            files + "/me.pem", "--key", files + "/me.key", "silence", "add",
                            "rule=CPU_HIGH", "--for", "1h", "--comment", "test"});
    return ctl->Wait(kPatience);
  };
  CHECK(silence("viewer") == 1);
  CHECK(silence("operator") == 0);
  CHECK(silence("admin") == 0);
}

TEST_CASE("a device of another CA is not let in") {
  Office office;
  office.MustCa({"init"});
  office.MustCa({"issue", "collector", "127.0.0.1", "--out", "hub"});
  Office others;
  others.MustCa({"init"});
  others.MustCa({"issue", "device", "spy"});
  fs::copy_file(office.Path("ca/ca.pem"), others.Path("device-spy/ca.pem"),
                fs::copy_options::overwrite_existing);
  RunningCollector collector(CollectorTls(office));
  RunningAgent spy(Agent(others, collector, "spy"));
  CHECK(spy.program().WaitForLine("lost collector " + collector.address(), kPatience));
  CHECK(spy.program().CountLines("connected to") == 0);
  CHECK(collector.Metric("edgefeed_collector_feeds_opened_total") == 0);
}

TEST_CASE("openssl makes requests that are certified, and finds who is revoked") {
  Office office;
  office.MustCa({"init", "--name", "Lab CA"});
  REQUIRE(office.Openssl("req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
                         "-keyout board.key -out board.csr -subj /CN=board") == 0);
  office.MustCa({"issue", "device", "board", "--request", "board.csr"});
  CHECK_FALSE(office.Has("device-board/agent.key"));
  CHECK(office.Verify("device-board/agent.pem") == "device-board/agent.pem: OK\n");
  office.MustCa({"issue", "device", "cam"});
  office.MustCa({"revoke", "board"});
  CHECK(Text(office.Verify("device-board/agent.pem")) == Contains("certificate revoked"));
  CHECK(office.Verify("device-cam/agent.pem") == "device-cam/agent.pem: OK\n");
  CHECK(office.Ca({"renew", "board"}) == 1);
  CHECK(office.Ca({"init"}) == 1);
  CHECK(office.Ca({"ls", "--json"}) == 0);
  CHECK(Text(office.said()) == Contains("Lab CA"));
}

TEST_CASE("init that is killed between any two steps can be done again") {
  for (int step = 1, status = kKilled; status == kKilled; ++step) {
    CAPTURE(step);
    Office office;
    status = office.Ca({"init"}, step);
    REQUIRE((status == kKilled || status == 0));
    if (!office.Has("ca")) office.MustCa({"init"});
    office.MustCa({"issue", "device", "cam"});
    CHECK(office.Verify("device-cam/agent.pem") == "device-cam/agent.pem: OK\n");
    if (status == 0) CHECK(step > 10);
  }
}

TEST_CASE("issue that is killed between any two steps hands out all or nothing") {
  Office office;
  office.MustCa({"init"});
  for (int step = 1, status = kKilled; status == kKilled; ++step) {
    CAPTURE(step);
    const std::string name = "cam-" + std::to_string(step);
    const std::string files = "device-" + name;
    status = office.Ca({"issue", "device", name}, step);
    REQUIRE((status == kKilled || status == 0));
    office.MustCa({"ls"});
    if (office.Has(files)) {  // What is out is whole, and the CA knows of it.
      CHECK(Text(office.said()) == Contains(name.c_str()));
    } else {
      if (office.Ca({"issue", "device", name}) != 0) {  // Written down, but nobody has it.
        REQUIRE(Text(office.said()) == Contains("and issue again"));
        office.MustCa({"revoke", name});
        office.MustCa({"issue", "device", name});
      }
    }
    CHECK(office.Verify(files + "/agent.pem") == files + "/agent.pem: OK\n");
    CHECK(office.Openssl("pkey -in " + files + "/agent.key -pubout -out key.pub") == 0);
    CHECK(office.Openssl("x509 -in " + files + "/agent.pem -noout -pubkey -out cert.pub") == 0);
    CHECK(*ReadSmallFile(office.Path("key.pub")) == *ReadSmallFile(office.Path("cert.pub")));
    if (status == 0) CHECK(step > 10);
  }
}

TEST_CASE("renew that is killed between any two steps leaves a good certificate") {
  Office office;
  office.MustCa({"init"});
  office.MustCa({"issue", "device", "cam"});
  for (int step = 1, status = kKilled; status == kKilled; ++step) {
    CAPTURE(step);
    status = office.Ca({"renew", "cam"}, step);
    REQUIRE((status == kKilled || status == 0));
    CHECK(office.Verify("device-cam/agent.pem") == "device-cam/agent.pem: OK\n");
    office.MustCa({"renew", "cam"});
    CHECK(office.Verify("device-cam/agent.pem") == "device-cam/agent.pem: OK\n");
    if (status == 0) CHECK(step > 5);
  }
}

TEST_CASE("revoke that is killed between any two steps is done by the next command") {
  Office office;
  office.MustCa({"init"});
  for (int step = 1, status = kKilled; status == kKilled; ++step) {
    CAPTURE(step);
    const std::string name = "cam-" + std::to_string(step);
    office.MustCa({"issue", "device", name});
    status = office.Ca({"revoke", name}, step);
    REQUIRE((status == kKilled || status == 0));
    if (!office.IsRevoked(name)) office.MustCa({"revoke", name});
    office.MustCa({"issue", "viewer", name});  // Any other command.
    CHECK(Text(office.Verify("device-" + name + "/agent.pem")) == Contains("certificate revoked"));
    CHECK(office.Verify("viewer-" + name + "/me.pem") == "viewer-" + name + "/me.pem: OK\n");
    if (status == 0) CHECK(step > 5);
  }
}

TEST_CASE("commands that run at the same time take turns") {
  Office office;
  office.MustCa({"init"});
  std::vector<std::unique_ptr<Program>> running;
  for (int i = 0; i < 12; ++i) {
    const std::string name = "cam-" + std::to_string(i);
    running.push_back(Run("edgefeedctl", {"ca", "issue", "device", name, "--dir", office.Path("ca"),
                                          "--out", office.Path(name)}));
  }
  for (const auto& program : running) CHECK(program->Wait(kPatience) == 0);
  office.MustCa({"ls"});
  const std::string listed = office.said();
  for (int i = 0; i < 12; ++i) {
    const std::string name = "cam-" + std::to_string(i);
    CHECK(Text(listed) == Contains(name.c_str()));
    CHECK(office.Verify(name + "/agent.pem") == name + "/agent.pem: OK\n");
  }
}

}  // namespace
}  // namespace edgefeed::e2e
