// Rules are checked, tested and tried out with edgefeedctl.

#include <doctest/doctest.h>

#include <fstream>
#include <string>
#include <vector>

#include "tests/e2e/rig.h"

namespace edgefeed::e2e {
namespace {

struct Ended {
  int code = -1;
  std::string out;
  std::string err;
};

Ended Ctl(const std::vector<std::string>& arguments) {
  const auto program = Run("edgefeedctl", arguments);
  const auto code = program->Wait(kPatience);
  return {.code = code.value_or(-1),
          .out = program->Output(Stream::kStdout),
          .err = program->Output(Stream::kStderr)};
}

std::string Write(const TempDir& directory, const std::string& name, const std::string& text) {
  const auto file = directory.path() / name;
  std::ofstream(file) << text;
  return file.string();
}

TEST_CASE("rules check lists good rules, and says where bad ones are wrong") {
  const TempDir directory;
  const std::string good =
      Write(directory, "good.yaml", "rules: [{name: HOT, metric: temperature_celsius, above: 80}]");
  const std::string bad =
      Write(directory, "bad.yaml", "rules:\n  - {name: HOT, metric: m, abov: 80}\n");

  const Ended checked = Ctl({"rules", "check", good});
  CHECK(checked.code == 0);
  CHECK(checked.out.find("HOT   temperature_celsius above  warning 80") != std::string::npos);

  const Ended refused = Ctl({"rules", "check", good, bad});
  CHECK(refused.code == 1);
  CHECK(refused.err.find(bad + ":2:") != std::string::npos);
  CHECK(refused.err.find("did you mean above?") != std::string::npos);
  CHECK(refused.err.find("1 of 2 files not valid") != std::string::npos);
}

TEST_CASE("rules test passes, or shows the difference") {
  const TempDir directory;
  Write(directory, "c.yaml", "rules: [{name: HOT, metric: t, above: 80}]");
  const auto test_of = [&](const std::string& severity) {
    return Write(directory, "test.yaml",
                 "rule_files: c.yaml\ntests:\n  - name: heat\n    series: [{metric: t, values: 70 "
                 "90}]\n    expect:\n      - {at: 1s, fired: HOT, severity: " +
                     severity + "}\n");
  };

  const Ended passed = Ctl({"rules", "test", test_of("warning")});
  CHECK(passed.code == 0);
  CHECK(passed.out == "ok    heat\n1 test passed\n");

  const std::string file = test_of("critical");
  const Ended failed = Ctl({"rules", "test", file});
  CHECK(failed.code == 1);
  CHECK(failed.out.find("  - 1s fired HOT, critical  (" + file + ":6:14)\n") != std::string::npos);
  CHECK(failed.out.find("  + 1s fired HOT, warning, value 90,") != std::string::npos);
}

TEST_CASE("rules explain says which override set what, by the labels of the device") {
  const TempDir directory;
  const std::string file = Write(directory, "new.yaml",
                                 "rules:\n"
                                 "  - name: HOT\n"
                                 "    metric: temperature_celsius\n"
                                 "    match: {labels: {site: lab}}\n"
                                 "    above: 70\n"
                                 "    overrides:\n"
                                 "      - {match: {device: cam*}, above: 80, for: 1m}\n"
                                 "      - {match: {device: cam}, above: 85}\n");
  RunningCollector collector("rules: []\n");
  RunningAgent agent(
      {.name = "cam", .collector = collector.address(), .more = "labels: {site: lab}"});
  const auto explain = [&](const std::string& device, const std::string& rule) {
    return Ctl({"--collector", collector.address(), "--json", "rules", "explain", device, rule,
                "--file", file});
  };
  Ended ended;
  REQUIRE(Await([&] {
    ended = explain("cam", "HOT");
    return ended.code == 0;
  }));
  const auto has = [&](const std::string& text) {
    return ended.out.find(text) != std::string::npos;
  };
  CHECK(has(R"x("key":"warning.above","value":"85","set_by":"override 2 (device cam)")x"));
  CHECK(has(R"x("key":"warning.for","value":"1m","set_by":"override 1 (device cam*)")x"));
  CHECK(has(R"x("key":"warning.keep_firing_for","value":"0s","set_by":"the rule")x"));

  CHECK(explain("cam", "HOTT").err.find("no rule 'HOTT' (did you mean HOT?)") != std::string::npos);
  CHECK(explain("cat", "HOT").err.find("device 'cat' was never seen") != std::string::npos);
}

TEST_CASE("rules replay judges what a real agent has sent") {
  const TempDir directory;
  const std::string rules = Write(directory, "new.yaml",
                                  "rules:\n"
                                  "  - {name: USED, metric: memory_mb, above: 0, severity: info}\n"
                                  "  - {name: FULL, metric: memory_mb, above: 1000000000}\n");
  RunningCollector collector("rules: []\n");
  RunningAgent agent({.name = "cam", .collector = collector.address()});
  const auto replay = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"--collector", collector.address(), "rules", "replay", rules});
    return Ctl(more);
  };

  Ended ended;
  REQUIRE(Await([&] {
    ended = replay({"--json"});
    return ended.out.find(R"("rule":"USED")") != std::string::npos;
  }));
  CHECK(ended.code == 0);
  CHECK(ended.out.starts_with(R"({"device":"cam","rule":"USED","labels":{},"severity":"info",)"));
  CHECK(ended.out.find(R"("resolved_ms":null)") != std::string::npos);
  CHECK(ended.out.find("FULL") == std::string::npos);

  const Ended table = replay({"--from", "-1h", "cam"});
  CHECK(table.code == 0);
  CHECK(table.out.find("USED      1        1") != std::string::npos);
  CHECK(table.out.find("FULL      0        0") != std::string::npos);
  CHECK(replay({"dog"}).code == 1);
}

}  // namespace
}  // namespace edgefeed::e2e
