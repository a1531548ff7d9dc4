// Options, exit statuses and reloads of the programs.

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/e2e/rig.h"

namespace edgefeed::e2e {
namespace {

using doctest::Contains;

struct Ended {
  int status = -1;
  std::string out;
  std::string err;
};

Ended RunToEnd(std::string_view name, std::vector<std::string> arguments) {
  const auto program = Run(name, std::move(arguments));
  const auto status = program->Wait(kPatience);
  REQUIRE(status);
  return {*status, program->Output(Stream::kStdout), program->Output(Stream::kStderr)};
}

doctest::String Text(const std::string& text) { return {text.c_str()}; }

TEST_CASE("every program has --help and --version, and refuses options it does not know") {
  for (const std::string name : {"edgefeed-agent", "edgefeed-collector", "edgefeedctl"}) {
    CAPTURE(name);
    const Ended help = RunToEnd(name, {"--help"});
    CHECK(help.status == 0);
    CHECK(Text(help.out) == Contains("--config"));
    const Ended version = RunToEnd(name, {"--version"});
    CHECK(version.status == 0);
    CHECK(version.out.starts_with(name + " "));
    const Ended unknown = RunToEnd(name, {"--no-such-option"});
    CHECK(unknown.status == 2);
    CHECK(Text(unknown.err) == Contains("--no-such-option"));
  }
}

TEST_CASE("--check says every error at once, with its place, and starts nothing") {
  const TempDir directory;
  const auto good = directory.Write("good.yaml", "");
  const auto bad = directory.Write("bad.yaml",
                                   "lisen: 1\n"
                                   "sample_intervall: 1s\n"
                                   "log: {level: loud}\n");
  for (const std::string name : {"edgefeed-agent", "edgefeed-collector"}) {
    CAPTURE(name);
    CHECK(RunToEnd(name, {"--check", "--config", good.string()}).status == 0);
    for (const bool check : {true, false}) {
      std::vector<std::string> arguments = {"--config", bad.string()};
      if (check) arguments.emplace_back("--check");
      const Ended refused = RunToEnd(name, arguments);
      CHECK(refused.status == 78);
      CHECK(Text(refused.err) == Contains(":1:"));
      CHECK(Text(refused.err) == Contains(":2:"));
      CHECK(Text(refused.err) == Contains(":3:"));
      CHECK(Text(refused.err) == Contains("loud"));
    }
    const Ended missing = RunToEnd(name, {"--config", "/nonexistent/file.yaml"});
    CHECK(missing.status == 78);
    CHECK(Text(missing.err) == Contains("/nonexistent/file.yaml"));
  }
}

TEST_CASE("without tls only loopback is accepted, unless allow_plaintext says otherwise") {
  const TempDir directory;
  const auto check = [&](std::string_view program, const std::string& text) {
    return RunToEnd(program,
                    {"--check", "--config", directory.Write("config.yaml", text).string()});
  };
  const std::string address = "collector: {address: '192.0.2.1:50051'}\n";
  const std::string listen = "listen: 0.0.0.0:50051\n";

  for (const Ended& refused :
       {check("edgefeed-agent", address), check("edgefeed-collector", listen),
        check("edgefeed-collector", "http: {listen: 0.0.0.0:8080}")}) {
    CHECK(refused.status == 78);
    CHECK(Text(refused.err) == Contains("tls to encrypt"));
    CHECK(Text(refused.err) == Contains("allow_plaintext: true"));
  }
  CHECK(check("edgefeed-agent", address + "allow_plaintext: true").status == 0);
  CHECK(check("edgefeed-collector", listen + "allow_plaintext: true").status == 0);
}

TEST_CASE("a new rule fires after SIGHUP, a bad file changes nothing") {
  RunningCollector collector("rules: []");
  RunningAgent agent({.name = "ruled", .collector = collector.address()});
  REQUIRE(agent.program().WaitForLine("connected to", kPatience));
  const auto reload = [&](const std::string& more) {
    collector.WriteConfig(more);
    collector.program().Signal(SIGHUP);
    return collector.program().WaitForLine("configuration ", kPatience).value_or("");
  };

  CHECK(Text(reload("rules:\n  - {name: ANY, metric: memory_mb, above: 0, repeat_interval: 0s}")) ==
        Contains("configuration reloaded"));
  CHECK(agent.program().WaitForLine("alert ANY", kPatience));

  CHECK(Text(reload("rules: [{nam: X}]")) ==
        Contains("configuration not reloaded, the old one stays"));
  CHECK(collector.program().WaitForLine("nam", kPatience));
  CHECK(agent.program().WaitForLine("alert ANY", kPatience));
  CHECK(agent.program().CountLines("connected to") == 1);
  CHECK(agent.program().CountLines("lost collector") == 0);
}

TEST_CASE("rules.d is read with the configuration, and again after SIGHUP") {
  RunningCollector collector("rules: []");
  RunningAgent agent({.name = "ruled", .collector = collector.address()});
  REQUIRE(agent.program().WaitForLine("connected to", kPatience));
  const auto rules = collector.directory() / "rules.d";
  std::filesystem::create_directory(rules);
  const auto reload_with = [&](const std::string& file, const std::string& text) {
    std::ofstream(rules / file) << text;
    collector.program().Signal(SIGHUP);
    return collector.program().WaitForLine("configuration ", kPatience).value_or("");
  };

  CHECK(Text(reload_with("memory.yaml",
                         "rules:\n  - name: ANY\n    metric: memory_mb\n    severity: critical\n"
                         "    above: 0\n    message: '{{device}} is {{severity}}'\n")) ==
        Contains("configuration reloaded: 1 rules"));
  CHECK(agent.program().WaitForLine("alert ANY: ruled is critical", kPatience));

  CHECK(Text(reload_with("more.yaml", "rules: [{name: ANY, metric: memory_mb, above: 1}]")) ==
        Contains("configuration not reloaded"));
  CHECK(collector.program().WaitForLine("more.yaml:1:16: rules[0].name: 'ANY' is the name of",
                                        kPatience));
}

TEST_CASE("an agent goes on with another interval after SIGHUP, and loses no sample") {
  RunningCollector collector;
  AgentSpec spec{.name = "reloaded", .collector = collector.address(), .interval = "1h"};
  RunningAgent agent(spec);
  REQUIRE(agent.program().WaitForLine("connected to", kPatience));
  const auto payloads = [&] {
    return collector.DeviceMetric("edgefeed_device_payloads_total", "reloaded");
  };

  spec.interval = "100ms";
  agent.WriteConfig(spec);
  agent.program().Signal(SIGHUP);
  CHECK(agent.program().WaitForLine("configuration reloaded", kPatience));
  REQUIRE(Await([&] { return payloads() >= 10; }));

  spec.interval = "1ms";
  agent.WriteConfig(spec);
  agent.program().Signal(SIGHUP);
  CHECK(agent.program().WaitForLine("configuration not reloaded", kPatience));
  const double before = payloads();
  REQUIRE(Await([&] { return payloads() >= before + 5; }));

  const AgentTotals totals = agent.Stop();
  CHECK(totals.dropped == 0);
  // One run: a sequence that had begun again would have been taken for duplicates.
  CHECK(payloads() == static_cast<double>(totals.delivered));
}

}  // namespace
}  // namespace edgefeed::e2e
