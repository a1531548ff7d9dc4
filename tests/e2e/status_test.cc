// `edgefeed-agent status`: what somebody at a device gets to know, from the real programs.

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tests/e2e/rig.h"
#include "tests/support/free_port.h"

namespace edgefeed::e2e {
namespace {

using doctest::Contains;

doctest::String Text(const std::string& text) { return {text.c_str()}; }

struct Answer {
  int exit = -1;
  std::string out;
  std::string err;

  [[nodiscard]] bool Has(const std::string& text) const {
    return out.find(text) != std::string::npos;
  }
  // The number behind this key of the JSON; -1: there is none.
  [[nodiscard]] double Number(const std::string& key) const {
    const auto at = out.find("\"" + key + "\":");
    return at == std::string::npos ? -1 : std::strtod(out.c_str() + at + key.size() + 3, nullptr);
  }
};

Answer Ask(const RunningAgent& agent, std::vector<std::string> more = {}) {
  const auto asked = agent.AskStatus(std::move(more));
  return {*asked->Wait(kPatience), asked->Output(Stream::kStdout), asked->Output(Stream::kStderr)};
}

Answer AskJson(const RunningAgent& agent) { return Ask(agent, {"--json"}); }

// Asks until the JSON holds this.
Answer AwaitJson(const RunningAgent& agent, const std::string& text) {
  Answer answer;
  CHECK_MESSAGE(Await([&] {
                  answer = AskJson(agent);
                  return answer.Has(text);
                }),
                text << " never came: " << answer.out << answer.err);
  return answer;
}

// The emulator of another architecture answers for the kernel what an agent asks about itself:
// with zeros.
bool AgentIsEmulated() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets it.
  const char* const agent = std::getenv("EDGEFEED_TEST_AGENT");
  return agent != nullptr && std::string_view(agent).ends_with("-emulated");
}

TEST_CASE("connected, then without its collector, then connected again") {
  RunningCollector collector;
  RunningAgent agent({.name = "board-7", .collector = collector.address()});
  REQUIRE(agent.program().WaitForLine("connected to", kPatience));
  Answer answer = AwaitJson(agent, R"("acknowledged_seconds_ago":0)");
  CHECK(answer.exit == 0);
  CHECK(answer.out.starts_with(R"({"healthy":true,"device":"board-7",)"));
  CHECK(answer.out.ends_with("}\n"));
  CHECK(answer.Has(R"("connected":true,"address":")" + collector.address()));
  CHECK(answer.Has(R"("trouble":null)"));
  CHECK(answer.Number("taken") > 0);
  CHECK(answer.Number("acknowledged") > 0);
  if (!AgentIsEmulated()) {
    CHECK(answer.Number("sent_bytes") > 0);
    CHECK(answer.Number("resident_bytes") > 1'000'000);
  }
  const Answer text = Ask(agent);
  CHECK(text.exit == 0);
  CHECK(text.out.starts_with("OK       connected to " + collector.address()));
  CHECK(text.out.find('\033') == std::string::npos);  // Into a pipe.

  collector.program().Kill();
  answer = AwaitJson(agent, R"("trouble":"tcp","code":"UNAVAILABLE","message":")");
  answer = AwaitJson(agent, "Connection refused");
  CHECK(answer.exit == 1);
  CHECK(answer.Has(R"({"healthy":false,)"));
  const double offline = answer.Number("offline_seconds");
  CHECK(Await([&] { return AskJson(agent).Number("offline_seconds") >= offline + 2; }));
  CHECK(AskJson(agent).Number("queued") > 10);
  CHECK(Text(Ask(agent).out) == Contains("PROBLEM  tcp: no connection to "));

  collector.Start();
  answer = AwaitJson(agent, R"("connected":true)");
  CHECK(answer.exit == 0);
  agent.AwaitDelivered();
  agent.Stop();
  const Answer gone = Ask(agent);
  CHECK(gone.exit == 1);
  CHECK(Text(gone.err) == Contains("is it running? systemctl status edgefeed-agent"));
}

TEST_CASE("a name without an address, and a port where nobody listens") {
  RunningAgent nameless({.name = "board-7",
                         .collector = "no-such-host.invalid:50051",
                         .more = "allow_plaintext: true"});
  CHECK(AwaitJson(nameless, R"("trouble":"dns")").exit == 1);
  RunningAgent alone({.name = "board-8", .collector = "127.0.0.1:" + std::to_string(FreePort())});
  CHECK(AwaitJson(alone, R"("trouble":"tcp")").exit == 1);
}

TEST_CASE("a collector that is not believed, and how long the certificates are good") {
  const TempDir files;
  Program openssl(
      {.program = "/bin/sh",
       .arguments = {"-c",
                     "for name in server other; do openssl req -x509 -newkey ec -pkeyopt "
                     "ec_paramgen_curve:P-256 -nodes -days 3 -subj /CN=$name -addext "
                     "subjectAltName=IP:127.0.0.1 -keyout $name.key -out $name.pem; done"},
       .directory = files.path()});
  REQUIRE(openssl.Wait(kPatience) == 0);
  const auto file = [&](const std::string& name) { return (files.path() / name).string(); };
  RunningCollector collector("tls: {cert: " + file("server.pem") + ", key: " + file("server.key") +
                             "}");
  AgentSpec spec{.name = "board-7",
                 .collector = collector.address(),
                 .more = "tls: {ca: " + file("other.pem") + "}"};
  RunningAgent agent(spec);
  Answer answer = AwaitJson(agent, R"("trouble":"tls")");
  CHECK(answer.exit == 1);
  CHECK(answer.Has("certificate verify failed"));
  CHECK(answer.Has(R"("cert":null,"ca":{"file":")" + file("other.pem")));
  CHECK(answer.Number("days_left") == 2);

  const double offline = answer.Number("offline_seconds");
  spec.more = "tls: {ca: " + file("server.pem") + "}";
  agent.WriteConfig(spec);
  agent.program().Signal(SIGHUP);
  AwaitJson(agent, R"("reload":{"seconds_ago":)");
  answer = AwaitJson(agent, R"("connected":true)");
  CHECK(answer.exit == 0);  // What ends soon is a warning.
  CHECK(answer.Has(R"("about":"certificate")"));
  CHECK(answer.Has(R"("reload":{"seconds_ago":)"));
  CHECK(answer.Has(R"("error":null)"));
  CHECK(offline >= 0);
}

TEST_CASE("a configuration that is refused is shown with its mistake, by that very file") {
  RunningCollector collector;
  AgentSpec spec{.name = "board-7", .collector = collector.address()};
  RunningAgent agent(spec);
  REQUIRE(agent.program().WaitForLine("connected to", kPatience));
  spec.more = "sample_intervall: 1s";
  agent.WriteConfig(spec);
  agent.program().Signal(SIGHUP);
  const Answer answer = AwaitJson(agent, "sample_intervall: unknown key");
  CHECK(answer.exit == 0);
  CHECK(answer.Has(R"({"level":"warning","about":"config")"));
  CHECK(Text(Ask(agent).out) == Contains("WARNING  config: the configuration was refused"));
}

TEST_CASE("a killed agent's socket is no obstacle, and another agent's is left alone") {
  const TempDir directory;
  const std::string socket = (directory.path() / "run/agent.sock").string();
  const std::string more = "status: {socket: '" + socket + "'}";
  RunningCollector collector;
  RunningAgent agent({.name = "board-7", .collector = collector.address(), .more = more});
  CHECK(AwaitJson(agent, R"("connected":true)").exit == 0);
  struct stat file{};
  REQUIRE(::stat(socket.c_str(), &file) == 0);
  CHECK((file.st_mode & 0777U) == 0660U);
  agent.program().Kill();
  REQUIRE(agent.program().Wait(kPatience));
  CHECK(Ask(agent).exit == 1);
  agent.Start();
  CHECK(AwaitJson(agent, R"("connected":true)").exit == 0);

  RunningAgent second({.name = "board-8", .collector = collector.address(), .more = more});
  CHECK(second.program().WaitForLine("another process answers there", kPatience));
  CHECK(Await([&] { return second.program().CountLines("connected to") == 1; }));
  CHECK(AskJson(second).Has("board-7"));
}

}  // namespace
}  // namespace edgefeed::e2e
