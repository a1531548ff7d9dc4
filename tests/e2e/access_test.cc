// Who may do what, between the real programs.

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <string>
#include <utility>
#include <vector>

#include "common/base/file.h"
#include "tests/e2e/rig.h"
#include "tests/support/free_port.h"
#include "tests/support/test_authority.h"

namespace edgefeed::e2e {
namespace {

using doctest::Contains;

// An agent of that name with these certificates.
AgentSpec SpecOf(const std::string& name, const RunningCollector& collector,
                 const TlsFiles& files) {
  return {.name = name,
          .collector = collector.address(),
          .more = "tls: {ca: " + files.ca.string() + ", cert: " + files.cert.string() +
                  ", key: " + files.key.string() + "}"};
}

doctest::String Text(const std::string& text) { return {text.c_str()}; }

class Fleet {
 public:
  Fleet() {
    server_ = authority.Issue("server", "IP:127.0.0.1");
    authority.WriteCrl();
  }

  // With `operators`, a port of their own; `more` is within that section.
  [[nodiscard]] std::string Tls() const {
    return "tls: {cert: " + server_.cert.string() + ", key: " + server_.key.string() +
           ", client_ca: " + server_.ca.string() + ", crl: " + authority.file("crl.pem").string() +
           "}\n";
  }
  [[nodiscard]] std::unique_ptr<Program> Ctl(const std::string& address,
                                             std::vector<std::string> arguments) const {
    std::vector<std::string> all = {"--collector", address, "--ca", server_.ca.string()};
    all.insert(all.end(), arguments.begin(), arguments.end());
    auto ctl = Run("edgefeedctl", std::move(all));
    static_cast<void>(ctl->Wait(kPatience));
    return ctl;
  }

  TestAuthority authority;

 private:
  TlsFiles server_;
};

bool AwaitPayloads(const RunningCollector& collector, const std::string& device, double more = 2) {
  const double before = collector.DeviceMetric("edgefeed_device_payloads_total", device);
  return Await([&] {
    return collector.DeviceMetric("edgefeed_device_payloads_total", device) >= before + more;
  });
}

std::string Audit(const RunningCollector& collector) {
  const auto text = ReadSmallFile(collector.directory() / "data" / "audit.log");
  return text ? *text : "";
}

// A file that only its owner may read.
bool WriteSecret(const std::string& file, const std::string& text) {
  return ReplaceFile(file, text).ok() && ::chmod(file.c_str(), 0600) == 0;
}

TEST_CASE("a device feeds as itself, and as no other; both sides say why") {
  const Fleet fleet;
  RunningCollector collector(fleet.Tls());
  const TlsFiles cam = fleet.authority.Issue("cam", "URI:edgefeed://device/cam");
  RunningAgent itself(SpecOf("cam", collector, cam));
  CHECK(AwaitPayloads(collector, "cam"));

  RunningAgent thief(SpecOf("door", collector, cam));
  CHECK(thief.program().WaitForLine("may not act as device 'door'", kPatience));
  CHECK(collector.program().WaitForLine("may not act as device 'door'", kPatience));
  CHECK(collector.DeviceMetric("edgefeed_device_payloads_total", "door") == -1);
  CHECK(collector.Metric(R"(edgefeed_access_refused_total{reason="name"})") >= 1);
  // Between two refusals it is connected for a moment.
  CHECK(Await([&] {
    const auto status = thief.AskStatus();
    static_cast<void>(status->Wait(kPatience));
    return status->Output(Stream::kStdout).find("may not act as device 'door'") !=
           std::string::npos;
  }));
  CHECK(Await([&] { return Audit(collector).find(R"("object":"door")") != std::string::npos; }));
  CHECK(AwaitPayloads(collector, "cam"));
}

TEST_CASE("a revoked device is cut off while it feeds, and does not come back") {
  const Fleet fleet;
  RunningCollector collector(fleet.Tls());
  RunningAgent stolen(
      SpecOf("stolen", collector, fleet.authority.Issue("stolen", "URI:edgefeed://device/stolen")));
  RunningAgent kept(
      SpecOf("kept", collector, fleet.authority.Issue("kept", "URI:edgefeed://device/kept")));
  CHECK(AwaitPayloads(collector, "stolen"));
  CHECK(AwaitPayloads(collector, "kept"));

  fleet.authority.Revoke("stolen");
  const auto revoked = std::chrono::steady_clock::now();
  CHECK(collector.program().WaitForLine("is ended: certificate", kPatience));
  // Looked at every 5 s; a busy machine is no failure.
  CHECK(std::chrono::steady_clock::now() - revoked < std::chrono::seconds(20));
  CHECK(stolen.program().WaitForLine("is revoked", kPatience));
  CHECK(Await(
      [&] { return collector.Metric(R"(edgefeed_access_refused_total{reason="revoked"})") >= 1; }));
  const double last = collector.DeviceMetric("edgefeed_device_payloads_total", "stolen");
  CHECK(AwaitPayloads(collector, "kept", 20));
  CHECK(collector.DeviceMetric("edgefeed_device_payloads_total", "stolen") == last);
  CHECK(collector.Metric("edgefeed_access_calls_ended_total") == 1);
}

TEST_CASE("operators have a port of their own, where a role allows what it allows") {
  const Fleet fleet;
  const std::string operators = "127.0.0.1:" + std::to_string(FreePort());
  const std::string more = fleet.Tls() + "operators: {listen: " + operators +
                           ", tokens: " + fleet.authority.file("tokens.yaml").string() + "}\n";
  REQUIRE(ReplaceFile(fleet.authority.file("tokens.yaml"), "").ok());
  RunningCollector collector(more);
  const auto as = [&](const std::string& role, const std::string& address,
                      std::vector<std::string> arguments) {
    const TlsFiles files = fleet.authority.Issue(role, "URI:edgefeed://" + role + "/kim");
    arguments.insert(arguments.begin(),
                     {"--cert", files.cert.string(), "--key", files.key.string()});
    return fleet.Ctl(address, std::move(arguments));
  };
  const std::vector<std::string> silence = {"silence", "add",       "rule=CPU_HIGH", "--for",
                                            "1h",      "--comment", "maintenance"};
  const auto looks = as("viewer", operators, {"devices"});
  CHECK_MESSAGE(looks->Wait(kPatience) == 0, looks->Output(Stream::kStderr));
  const auto may_not = as("viewer", operators, silence);
  CHECK(may_not->Wait(kPatience) == 1);
  CHECK(Text(may_not->Output(Stream::kStderr)) == Contains("viewer 'kim'"));
  const auto may = as("operator", operators, silence);
  CHECK_MESSAGE(may->Wait(kPatience) == 0, may->Output(Stream::kStderr));
  CHECK(Await([&] {
    return Audit(collector).find(R"("method":"edgefeed.AlertService/AddSilence")") !=
           std::string::npos;
  }));

  // A token does as well, as long as it is there.
  const std::string tokens = fleet.authority.file("tokens.yaml").string();
  const std::string vic = fleet.authority.file("vic.token").string();
  const auto by_token = [&] {
    const auto ctl = fleet.Ctl(operators, {"--token", vic, "devices"});
    const auto status = ctl->Wait(kPatience);
    return std::pair(status, ctl->Output(Stream::kStderr));
  };
  const auto made =
      Run("edgefeedctl", {"token", "new", "vic", "--role", "viewer", "--file", tokens});
  REQUIRE(made->Wait(kPatience) == 0);
  REQUIRE(WriteSecret(vic, made->Output(Stream::kStdout)));
  CHECK(Await([&] { return by_token().first == 0; }));
  const auto removed = Run("edgefeedctl", {"token", "rm", "vic", "--file", tokens});
  REQUIRE(removed->Wait(kPatience) == 0);
  CHECK(Await([&] { return by_token().first == 1; }));
  CHECK(Text(by_token().second) == Contains("the token is not known"));

  const auto wrong_door = as("operator", collector.address(), {"devices"});
  CHECK(wrong_door->Wait(kPatience) == 1);
  CHECK(Text(wrong_door->Output(Stream::kStderr)) == Contains(operators.c_str()));
  const auto nobody = fleet.Ctl(operators, {"devices"});
  CHECK(nobody->Wait(kPatience) == 1);
  CHECK(Text(nobody->Output(Stream::kStderr)) == Contains("wants a client certificate"));
}

}  // namespace
}  // namespace edgefeed::e2e
