#include "tests/e2e/enrolment.h"

#include <filesystem>
#include <utility>

#include "common/base/file.h"

namespace edgefeed::e2e {

doctest::String Text(const std::string& text) { return {text.c_str()}; }

Ended Finish(ProgramSpec spec) {
  Program program(std::move(spec));
  const auto status = program.Wait(kPatience);
  REQUIRE(status);
  const std::string out = program.Output(Stream::kStdout);
  return {.status = *status, .out = out, .said = out + program.Output(Stream::kStderr)};
}

Hub::Hub(const std::string& more) {
  Ca({"init"});
  Ca({"issue", "collector", "127.0.0.1", "--out", Path("hub")});
  collector = std::make_unique<RunningCollector>(
      "tls: {cert: " + Path("hub/collector.pem") + ", key: " + Path("hub/collector.key") +
      ", client_ca: " + Path("ca/ca.pem") + ", crl: " + Path("ca/crl.pem") +
      "}\nenrolment: {listen: '" + address() + "', ca: " + Path("ca") + "}\n" + more);
}

Ended Hub::Ca(Words words, const Words& environment) const {
  words.insert(words.begin(), "ca");
  words.insert(words.end(), {"--dir", Path("ca")});
  Ended ended = Finish({.program = BuiltProgram("edgefeedctl"),
                        .arguments = std::move(words),
                        .environment = environment});
  REQUIRE_MESSAGE(ended.status == 0, ended.said);
  return ended;
}

std::string Hub::Token(const std::string& device, const Words& environment) const {
  const std::string out = Ca({"enrol-token", device}, environment).out;
  REQUIRE(out.starts_with("edgefeed_enrol_"));
  return out.substr(0, out.size() - 1);
}

std::string Hub::Audit() const {
  const auto log = ReadSmallFile(collector->directory() / "data" / "audit.log");
  return log ? *log : "";
}

bool Hub::Audited(const std::string& event, const std::string& more) const {
  return Await([&] {
    const std::string log = Audit();
    for (std::size_t at = 0; (at = log.find("\"" + event + "\"", at)) != std::string::npos; ++at) {
      if (log.substr(at, log.find('\n', at) - at).find(more) != std::string::npos) return true;
    }
    return false;
  });
}

Board::Board(const Hub& hub, std::string name) : hub_(hub), name_(std::move(name)) {
  static_cast<void>(
      directory_.Write("agent.yaml", "service_name: " + name_ + "\ncollector: {address: '" +
                                         hub.collector->address() + "'}\n" + Tls() + "\n"));
}

Ended Board::Enrol(const std::string& token, std::string at, const Words& environment) const {
  if (at.empty()) at = hub_.address();
  return Agent({"enrol", token, "--collector", at}, environment);
}

Ended Board::Agent(Words words, const Words& environment) const {
  words.insert(words.end(), {"--config", Path("agent.yaml")});
  return Finish({.program = BuiltProgram("edgefeed-agent"),
                 .arguments = std::move(words),
                 .environment = environment});
}

std::string Board::Tls() const {
  return "tls: {ca: " + Path("ca.pem") + ", cert: " + Path("agent.pem") +
         ", key: " + Path("agent.key") + "}";
}

bool Board::Has(const std::string& name) const { return std::filesystem::exists(Path(name)); }

std::string Board::Read(const std::string& name) const { return *ReadSmallFile(Path(name)); }

std::string Board::Verify() const {
  return Finish({.program = "/usr/bin/openssl",
                 .arguments = {"verify", "-x509_strict", "-purpose", "sslclient", "-CAfile",
                               Path("ca.pem"), Path("agent.pem")}})
      .said;
}

}  // namespace edgefeed::e2e
