#include <doctest/doctest.h>

#include <fstream>

#include "collector/app/config.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/config/fake_environment.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

Result<CollectorConfig> Parse(const std::string& text) {
  return ParseCollectorConfig(text, "c.yaml", FakeEnvironment({}));
}

// The one rule whose keys these are, besides name and metric.
Rule OneRule(const std::string& keys) {
  const auto config = Parse("rules: [{name: R, metric: m, " + keys + "}]");
  REQUIRE_MESSAGE(config, config.error().message);
  REQUIRE(config->rules.size() == 1);
  return config->rules[0];
}

// What is wrong with these keys, without the place and the rule: "above: 'x' is not a number".
std::string Wrong(const std::string& keys) {
  const auto config = Parse("rules: [{name: R, metric: m, " + keys + "}]");
  REQUIRE_FALSE(config);
  const std::string message = config.error().message;
  const std::string rule = "rules[0].";
  REQUIRE_MESSAGE(message.find(rule) != std::string::npos, message);
  return message.substr(message.find(rule) + rule.size());
}

TEST_CASE("rules: the simple form is one level, a warning unless it says otherwise") {
  CHECK(OneRule("above: 90") == ThresholdRule("R", "m", Comparison::kAbove, 90));
  const Rule rule = OneRule("below: 5, clear: 6, for: 1m, keep_firing_for: 2m, severity: critical");
  CHECK(rule.comparison == Comparison::kBelow);
  CHECK(rule.levels == std::vector<RuleLevel>{{.severity = Severity::kCritical,
                                               .threshold = 5,
                                               .clear = 6,
                                               .hold = 1min,
                                               .keep_firing = 2min}});
}

TEST_CASE("rules: a device that is offline") {
  const auto config = Parse(
      "rules: [{name: OFF, offline: {after: 90s, parent_label: gateway}, severity: critical, "
      "overrides: [{match: {device: slow-*}, after: 1h, severity: info}]}]");
  REQUIRE_MESSAGE(config, config.error().message);
  Rule expected = OfflineRule("OFF", 90s);
  expected.parent_label = "gateway";
  expected.levels[0].severity = Severity::kCritical;
  expected.overrides = {{.match = {.name_glob = "slow-*", .labels = {}},
                         .enabled = {},
                         .levels = {{.severity = Severity::kInfo, .threshold = 3600}}}};
  CHECK(config->rules == std::vector<Rule>{expected});

  const auto wrong = [](const std::string& keys) {
    return Parse("rules: [{name: OFF, " + keys + "}]").error().message;
  };
  CHECK(wrong("offline: {}") == "c.yaml:1:21: rules[0].offline.after: is required");
  CHECK(wrong("offline: {after: 1m}, above: 3").find("rules[0].above: unknown key") !=
        std::string::npos);
  CHECK(wrong("offline: {after: 1m}, overrides: [{match: {device: a}}]")
            .find("nothing is changed for these devices: give enabled, after or severity") !=
        std::string::npos);
}

TEST_CASE("rules: no data") {
  CHECK(OneRule("above: 9").no_data == NoData{});
  CHECK(OneRule("above: 9, no_data: {after: 30s, state: firing}").no_data ==
        NoData{.after = 30s, .state = NoDataState::kFiring});
  CHECK(Wrong("above: 9, no_data: {state: fire}") ==
        "no_data.state: 'fire' is not one of keep, ok, firing");
}

TEST_CASE("rules: levels are a ladder") {
  const Rule rule = OneRule(
      "levels: [{severity: info, above: 60}, {severity: warning, above: 75, clear: 70, for: 1m}, "
      "{severity: critical, above: 90, keep_firing_for: 2m}]");
  CHECK(rule.comparison == Comparison::kAbove);
  CHECK(rule.levels ==
        std::vector<RuleLevel>{
            {.severity = Severity::kInfo, .threshold = 60},
            {.severity = Severity::kWarning, .threshold = 75, .clear = 70, .hold = 1min},
            {.severity = Severity::kCritical, .threshold = 90, .keep_firing = 2min}});
  CHECK(OneRule("levels: [{severity: warning, below: 10}, {severity: critical, below: 5}]")
            .comparison == Comparison::kBelow);
}

TEST_CASE("rules: labels, devices, function and message") {
  const Rule rule = OneRule(
      "labels: {mount: /, fs: ext4}, match: {device: 'edge-*', labels: {site: lab}}, "
      "function: p95, window: 5m, above: 1, message: '{{device}} is hot'");
  CHECK(rule.labels == Labels{{"fs", "ext4"}, {"mount", "/"}});
  CHECK(rule.match == DeviceMatch{.name_glob = "edge-*", .labels = {{"site", "lab"}}});
  CHECK(rule.function == RuleFunction::kP95);
  CHECK(rule.window == 5min);
  CHECK(rule.message == *MessageTemplate::Parse("{{device}} is hot"));
  CHECK(OneRule("function: last, above: 1") == OneRule("above: 1"));
}

TEST_CASE("rules: overrides of a simple rule have its keys, those of a ladder say which level") {
  const Rule simple = OneRule(
      "above: 90, overrides: [{match: {device: 'a*'}, above: 95, clear: 85, for: 1s, "
      "keep_firing_for: 2s, severity: info}, {match: {labels: {rack: b4}}, enabled: false}]");
  CHECK(simple.overrides ==
        std::vector<RuleOverride>{{.match = {.name_glob = "a*", .labels = {}},
                                   .enabled = {},
                                   .levels = {{.level = 0,
                                               .severity = Severity::kInfo,
                                               .threshold = 95,
                                               .clear = 85,
                                               .hold = 1s,
                                               .keep_firing = 2s}}},
                                  {.match = {.labels = {{"rack", "b4"}}}, .enabled = false}});
  const Rule ladder = OneRule(
      "levels: [{severity: warning, above: 75}, {severity: critical, above: 90}], "
      "overrides: [{match: {device: a}, levels: [{severity: critical, above: 80}]}]");
  CHECK(ladder.overrides == std::vector<RuleOverride>{{.match = {.name_glob = "a", .labels = {}},
                                                       .levels = {{.level = 1, .threshold = 80}}}});
}

TEST_CASE("rules: a function and its window belong together") {
  CHECK(Wrong("above: 1, function: avg") == "window: is required with avg");
  CHECK(Wrong("above: 1, window: 1m") ==
        "window: is for functions of more than one value, and the function is last");
  CHECK(Wrong("above: 1, window: 999ms, function: max") ==
        "window: '999ms' is out of range, allowed are 1s to 1d");
  CHECK(Wrong("above: 1, window: 1m, function: rat") ==
        "function: 'rat' is not one of last, avg, min, max, rate, delta, p95 (did you mean "
        "rate?)");
}

TEST_CASE("rules: what a level may say") {
  CHECK(Wrong("severity: info") == "above: is required, or below, or levels");
  CHECK(Wrong("above: 1, below: 2") == "below: cannot be combined with above: write two rules");
  CHECK(Wrong("above: 1, severity: fatal") ==
        "severity: 'fatal' is not one of info, warning, critical");
  CHECK(Wrong("above: 1, for: 31d") == "for: '31d' is out of range, allowed are 0s to 30d");
  CHECK(Wrong("above: 1, keep_firing_for: soon").starts_with("keep_firing_for: 'soon' is not a"));
  CHECK(Wrong("above: 75, clear: 80") ==
        "clear: 80 is above the threshold, allowed are values up to 75");
  CHECK(Wrong("below: 10, clear: 5") ==
        "clear: 5 is below the threshold, allowed are values from 10 on");
  CHECK(OneRule("above: 75, clear: 75").levels[0].clear == 75);
}

TEST_CASE("rules: what a ladder may be") {
  CHECK(Wrong("levels: []") ==
        "levels: needs at least one level, such as {severity: warning, above: 90}");
  CHECK(Wrong("levels: 5") ==
        "levels: found '5' where a list of mappings is needed, or [] for none");
  CHECK(Wrong("levels: [{severity: info, above: 1}], for: 1m") ==
        "for: cannot be combined with levels: each of them has its own");
  CHECK(Wrong("levels: [{above: 1}]") == "levels[0].severity: is required");
  CHECK(Wrong("levels: [{severity: info}]") == "levels[0].above: is required, or below");
  CHECK(Wrong("levels: [{severity: info, above: 2, below: 1}]") ==
        "levels[0].below: cannot be combined with above: write two rules");
  CHECK(Wrong("levels: [{severity: info, above: 1}, {severity: warning, below: 2}]") ==
        "levels[1].below: all levels of a rule go one way, and the first one is above");
  CHECK(Wrong("levels: [{severity: warning, above: 1}, {severity: info, above: 2}]") ==
        "levels[1].severity: info stands after warning: levels go from mild to severe, each "
        "severity once");
  CHECK(Wrong("levels: [{severity: info, above: 1}, {severity: info, above: 2}]") ==
        "levels[1].severity: info stands after info: levels go from mild to severe, each severity "
        "once");
  CHECK(Wrong("levels: [{severity: info, above: 9}, {severity: warning, above: 9}]") ==
        "levels[1].above: 9 is not higher than 9 of level info");
  CHECK(Wrong("levels: [{severity: info, below: 1}, {severity: warning, below: 2}]") ==
        "levels[1].below: 2 is not lower than 1 of level info");
}

TEST_CASE("rules: what overrides may say") {
  const auto wrong = [](const std::string& override) {
    return Wrong("above: 75, clear: 70, overrides: [{" + override + "}]");
  };
  CHECK(wrong("above: 80") == "overrides[0].match: is required");
  CHECK(wrong("match: {}, above: 80") ==
        "overrides[0].match: is about every device: give device or labels");
  CHECK(wrong("match: {device: a}") ==
        "overrides[0].match: nothing is changed for these devices: give enabled, levels, above or "
        "below, clear, for, keep_firing_for or severity");
  CHECK(wrong("match: {device: 'a b'}, enabled: false") ==
        "overrides[0].match.device: 'a b' is not up to 128 letters, digits and _ . : - of a "
        "device's name, with * for any of them and ? for one");
  CHECK(wrong("match: {labels: {A: b}}, enabled: false")
            .starts_with("overrides[0].match.labels.A: 'A' is not a name"));
  CHECK(wrong("match: {device: a}, below: 80") ==
        "overrides[0].below: the rule's levels are above");
  CHECK(wrong("match: {device: a}, above: 60") ==
        "overrides[0].levels: level warning would be wrong: clear 70 is above the threshold, "
        "allowed are values up to 60");
  CHECK(wrong("match: {device: a}, clear: 80") ==
        "overrides[0].clear: level warning would be wrong: clear 80 is above the threshold, "
        "allowed are values up to 75");
  CHECK(wrong("match: {device: a}, levels: [{severity: critical, above: 99}]") ==
        "overrides[0].levels[0].severity: the rule has no level critical, only warning");
  CHECK(wrong("match: {device: a}, levels: [{severity: warning, above: 80}], for: 1s") ==
        "overrides[0].for: cannot be combined with levels: each of them has its own");
  CHECK(wrong("match: {device: a}, levels: [{above: 80}]") ==
        "overrides[0].levels[0].severity: is required");
  CHECK(wrong("match: {device: a}, levels: [{severity: warning, for: 1s}, {severity: warning, "
              "for: 2s}]") ==
        "overrides[0].levels[1].severity: warning is changed by an earlier one of these levels");
  const auto of_ladder = [](const std::string& override) {
    return Wrong(
        "levels: [{severity: warning, above: 75}, {severity: critical, above: 90}], "
        "overrides: [{match: {device: a}, " +
        override + "}]");
  };
  CHECK(of_ladder("above: 80") ==
        "overrides[0].above: the rule has the levels warning, critical: write levels: [{severity: "
        "..., above: ...}]");
  CHECK(of_ladder("levels: [{severity: warning, above: 95}]") ==
        "overrides[0].levels: level critical would be wrong: above 90 is not higher than 95 of "
        "level warning");
  CHECK(of_ladder("levels: [{severity: warning, below: 5}]") ==
        "overrides[0].levels[0].below: the rule's levels are above");
}

TEST_CASE("rules: overrides of a rule that is wrong itself are not blamed for it") {
  CHECK(Wrong("severity: info, overrides: [{match: {device: a}, above: 1}]") ==
        "above: is required, or below, or levels");
}

TEST_CASE("rules: a message's error has its place, and the place in it") {
  CHECK(Parse("rules:\n  - {name: R, metric: m, above: 1, message: 'hot {{x}}'}")
            .error()
            .message.starts_with("c.yaml:2:45: rules[0].message: at character 5: {{x}} is not "
                                 "known, allowed are device, "));
  CHECK(Wrong("above: 1, message: ''") == "message: '' is not a message");
}

TEST_CASE("rules: the fields that every payload has come without labels") {
  CHECK(Parse("rules: [{name: R, metric: cpu_usage, above: 1, labels: {a: b}}]").error().message ==
        "c.yaml:1:56: rules[0].labels: cpu_usage and memory_mb have none");
}

TEST_CASE("rules: a misspelt key is known for what it is") {
  CHECK(Wrong("above: 1, keep_fireing_for: 1s") ==
        "keep_fireing_for: unknown key (did you mean keep_firing_for?)");
}

// A directory with a collector.yaml and rules.d.
class RuleFiles {
 public:
  explicit RuleFiles(const std::string& collector_yaml) {
    static_cast<void>(directory_.Write("collector.yaml", collector_yaml));
    std::filesystem::create_directory(directory_.path() / "rules.d");
  }
  void Write(const std::string& name, const std::string& text) {
    std::ofstream(directory_.path() / "rules.d" / name) << text;
  }
  void LinkNowhere(const std::string& name) {
    std::filesystem::create_symlink("/nowhere", directory_.path() / "rules.d" / name);
  }
  [[nodiscard]] Result<CollectorConfig> Load() const {
    return LoadCollectorConfig(directory_.path() / "collector.yaml", FakeEnvironment({}));
  }
  [[nodiscard]] std::vector<std::string> Names() const {
    const auto config = Load();
    REQUIRE_MESSAGE(config, config.error().message);
    std::vector<std::string> names;
    for (const Rule& rule : config->rules) names.push_back(rule.name);
    return names;
  }
  // Without the directory.
  [[nodiscard]] std::string Errors() const {
    const auto config = Load();
    REQUIRE_FALSE(config);
    std::string message = config.error().message;
    const std::string directory = directory_.path().string() + "/";
    for (auto at = message.find(directory); at != std::string::npos; at = message.find(directory)) {
      message.erase(at, directory.size());
    }
    return message;
  }

 private:
  TempDir directory_;
};

std::string RuleNamed(const std::string& name) {
  return "{name: " + name + ", metric: m, above: 1}";
}
std::string FileWith(const std::string& name) { return "rules:\n  - " + RuleNamed(name) + "\n"; }

using Names = std::vector<std::string>;

TEST_CASE("rules.d: its files add rules, in the order of their names") {
  RuleFiles files(FileWith("MAIN"));
  files.Write("20-b.yaml", FileWith("B"));
  files.Write("10-a.yaml", "rules: [" + RuleNamed("A1") + ", " + RuleNamed("A2") + "]");
  files.Write("empty.yaml", "");
  files.Write(".hidden.yaml", FileWith("HIDDEN"));
  files.Write("30-c.yaml~", FileWith("OLD"));
  files.Write("README", "rules go here");
  CHECK(files.Names() == Names{"MAIN", "A1", "A2", "B"});
}

TEST_CASE("rules.d: without rules in collector.yaml the default ones stay") {
  RuleFiles files("");
  files.Write("a.yaml", FileWith("A"));
  CHECK(files.Names() == Names{"CPU_HIGH", "MEMORY_HIGH", "A"});
}

TEST_CASE("rules.d: a name stands for one rule in all files, and the error says both places") {
  RuleFiles files(FileWith("MAIN"));
  files.Write("a.yaml", FileWith("A"));
  files.Write("b.yaml", FileWith("MAIN"));
  files.Write("c.yaml", FileWith("A"));
  CHECK(files.Errors() ==
        "rules.d/b.yaml:2:12: rules[0].name: 'MAIN' is the name of the rule at "
        "collector.yaml:2:12\n"
        "rules.d/c.yaml:2:12: rules[0].name: 'A' is the name of the rule at rules.d/a.yaml:2:12");
}

TEST_CASE("rules.d: a default rule has its name, until it is left out") {
  RuleFiles defaults("");
  defaults.Write("a.yaml", FileWith("CPU_HIGH"));
  CHECK(defaults.Errors() ==
        "rules.d/a.yaml:2:12: rules[0].name: 'CPU_HIGH' is the name of a default rule, which "
        "`rules: []` in collector.yaml leaves out");
  RuleFiles none("rules: []");
  none.Write("a.yaml", FileWith("CPU_HIGH"));
  CHECK(none.Names() == Names{"CPU_HIGH"});
}

TEST_CASE("rules.d: what is wrong in all files is said at once") {
  RuleFiles files("listn: x");
  files.Write("a.yaml", "rules: [{name: A, metric: m}]");
  files.Write("b.yaml", "rules: {");
  files.Write("c.yaml", "listen: x");
  const std::string errors = files.Errors();
  CHECK(
      errors.starts_with("collector.yaml:1:1: listn: unknown key (did you mean listen?)\n"
                         "rules.d/a.yaml:1:9: rules[0].above: is required, or below, or levels\n"
                         "rules.d/b.yaml:1:"));
  CHECK(errors.ends_with("\nrules.d/c.yaml:1:1: listen: unknown key (allowed here: rules)"));
}

TEST_CASE("rules.d: a file that cannot be read is an error, not a rule less") {
  RuleFiles files("");
  files.LinkNowhere("a.yaml");
  CHECK(files.Errors() == "rules.d/a.yaml: No such file or directory");
}

}  // namespace
}  // namespace edgefeed
