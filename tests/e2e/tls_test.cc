// TLS and mTLS between the real programs, with certificates made by the openssl command.

#include <doctest/doctest.h>

#include <string>

#include "tests/e2e/rig.h"

namespace edgefeed::e2e {
namespace {

using doctest::Contains;

doctest::String Text(const std::string& text) { return {text.c_str()}; }

// Two authorities, each with one certificate for servers on this host and one for clients.
constexpr const char* kMakeCertificates = R"(
set -e
for ca in ca other-ca; do
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
    -subj "/CN=$ca" -keyout $ca.key -out $ca.pem
done
issue() {  # NAME CA EXTENSIONS
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
    -keyout $1.key -out $1.csr
  echo "$3" > $1.ext
  openssl x509 -req -in $1.csr -CA $2.pem -CAkey $2.key -CAcreateserial -days 2 \
    -extfile $1.ext -out $1.pem
}
issue server ca "subjectAltName=IP:127.0.0.1,DNS:localhost"
issue client ca "extendedKeyUsage=clientAuth
subjectAltName=URI:edgefeed://device/known"
issue viewer ca "extendedKeyUsage=clientAuth
subjectAltName=URI:edgefeed://viewer/kim"
issue stranger other-ca "extendedKeyUsage=clientAuth"
)";

class Certificates {
 public:
  Certificates() {
    Program openssl({.program = "/bin/sh",
                     .arguments = {"-c", kMakeCertificates},
                     .directory = directory_.path()});
    REQUIRE_MESSAGE(openssl.Wait(kPatience) == 0, openssl.Output(Stream::kStderr));
  }
  std::string operator()(const std::string& file) const {
    return (directory_.path() / file).string();
  }

 private:
  TempDir directory_;
};

std::string ServerTls(const Certificates& certificates) {
  return "tls: {cert: " + certificates("server.pem") + ", key: " + certificates("server.key") + "}";
}

std::string MutualTls(const Certificates& certificates) {
  return "tls: {cert: " + certificates("server.pem") + ", key: " + certificates("server.key") +
         ", client_ca: " + certificates("ca.pem") + "}";
}

std::string AgentTls(const Certificates& certificates, const std::string& ca,
                     const std::string& own) {
  return "tls: {ca: " + certificates(ca + ".pem") +
         (own.empty()
              ? ""
              : ", cert: " + certificates(own + ".pem") + ", key: " + certificates(own + ".key")) +
         "}";
}

bool AwaitPayloads(const RunningCollector& collector, const std::string& device) {
  return Await(
      [&] { return collector.DeviceMetric("edgefeed_device_payloads_total", device) >= 2; });
}

TEST_CASE("an agent and edgefeedctl reach a collector over TLS by address and by name") {
  const Certificates certificates;
  RunningCollector collector(ServerTls(certificates));
  for (const std::string host : {"127.0.0.1", "localhost"}) {
    const std::string address = host + ":" + std::to_string(collector.port());
    RunningAgent agent(
        {.name = "tls-" + host, .collector = address, .more = AgentTls(certificates, "ca", "")});
    CHECK(agent.program().WaitForLine("connected to", kPatience));
    CHECK(AwaitPayloads(collector, "tls-" + host));
    const auto ctl = Run("edgefeedctl", {"--collector", address, "--ca", certificates("ca.pem"),
                                         "devices", "--names"});
    CHECK(ctl->Wait(kPatience) == 0);
    CHECK(Text(ctl->Output(Stream::kStdout)) == Contains(("tls-" + host).c_str()));
  }
}

TEST_CASE("a collector of another authority is not believed, and plaintext gets nowhere") {
  const Certificates certificates;
  RunningCollector collector(ServerTls(certificates));
  const AgentSpec plaintext{.name = "plain", .collector = collector.address()};
  AgentSpec wrong = plaintext;
  wrong.more = AgentTls(certificates, "other-ca", "");

  for (const AgentSpec& spec : {plaintext, wrong}) {
    RunningAgent agent(spec);
    CHECK(agent.program().WaitForLine("lost collector " + collector.address(), kPatience));
    CHECK(agent.program().CountLines("connected to") == 0);
  }
  const auto wrong_ctl = Run("edgefeedctl", {"--collector", collector.address(), "--ca",
                                             certificates("other-ca.pem"), "devices"});
  CHECK(wrong_ctl->Wait(kPatience) == 1);
  CHECK(Text(wrong_ctl->Output(Stream::kStderr)) == Contains("--ca"));
  const auto plain_ctl = Run("edgefeedctl", {"--collector", collector.address(), "devices"});
  CHECK(plain_ctl->Wait(kPatience) == 1);
  CHECK(Text(plain_ctl->Output(Stream::kStderr)) == Contains("--ca FILE if it uses TLS"));
  CHECK(collector.Metric("edgefeed_collector_feeds_opened_total") == 0);
}

TEST_CASE("with client_ca only clients with a certificate of it are let in") {
  const Certificates certificates;
  RunningCollector collector(MutualTls(certificates));
  for (const std::string own : {"", "stranger"}) {
    CAPTURE(own);
    RunningAgent refused({.name = "refused",
                          .collector = collector.address(),
                          .more = AgentTls(certificates, "ca", own)});
    CHECK(refused.program().WaitForLine("lost collector " + collector.address(), kPatience));
    CHECK(refused.program().CountLines("connected to") == 0);
  }
  CHECK(collector.Metric("edgefeed_collector_feeds_opened_total") == 0);

  RunningAgent agent({.name = "known",
                      .collector = collector.address(),
                      .more = AgentTls(certificates, "ca", "client")});
  CHECK(agent.program().WaitForLine("connected to", kPatience));
  const auto ctl = Run(
      "edgefeedctl", {"--collector", collector.address(), "--ca", certificates("ca.pem"), "--cert",
                      certificates("viewer.pem"), "--key", certificates("viewer.key"), "devices"});
  CHECK(ctl->Wait(kPatience) == 0);
}

TEST_CASE("TLS 1.2 and 1.3 are spoken, TLS 1.1 is not") {
  const Certificates certificates;
  RunningCollector collector(ServerTls(certificates));
  const auto handshake = [&](const std::string& version) {
    // Level 0 lets this openssl offer 1.1 at all.
    Program openssl({.program = "/usr/bin/env",
                     .arguments = {"openssl", "s_client", "-connect", collector.address(),
                                   "-CAfile", certificates("ca.pem"), "-verify_return_error",
                                   "-alpn", "h2", "-cipher", "DEFAULT@SECLEVEL=0", version}});
    return openssl.Wait(kPatience);
  };
  CHECK(handshake("-tls1_2") == 0);
  CHECK(handshake("-tls1_3") == 0);
  CHECK(handshake("-tls1_1") == 1);
}

TEST_CASE("a key that does not belong to its certificate is refused with both names") {
  const Certificates certificates;
  const TempDir directory;
  const auto config = directory.Write(
      "collector.yaml",
      "listen: 127.0.0.1:0\nhttp: off\ndata_dir: data\ntls: {cert: " + certificates("server.pem") +
          ", key: " + certificates("client.key") + "}\n");
  const auto collector = Run("edgefeed-collector", {"--config", config.string()});
  const auto status = collector->Wait(kPatience);
  REQUIRE(status);
  CHECK(*status != 0);
  CHECK(Text(collector->Output(Stream::kStderr)) == Contains("is not the private key of"));
  CHECK(Text(collector->Output(Stream::kStderr)) == Contains("client.key"));
  CHECK(Text(collector->Output(Stream::kStderr)) == Contains("server.pem"));
}

}  // namespace
}  // namespace edgefeed::e2e
