#include "collector/rules/effective_rule.h"

#include <doctest/doctest.h>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a device is matched by its name, with * and ?") {
  const auto matches = [](const std::string& glob, const std::string& device) {
    return Matches({.name_glob = glob, .labels = {}}, device, {});
  };
  CHECK(matches("*", "edge-07"));
  CHECK(matches("edge-*", "edge-07"));
  CHECK(matches("edge-??", "edge-07"));
  CHECK(matches("*-0?*", "edge-07"));
  CHECK_FALSE(matches("edge-?", "edge-07"));
  CHECK_FALSE(matches("edge", "edge-07"));
  CHECK_FALSE(matches("EDGE-*", "edge-07"));
}

TEST_CASE("and by its labels, all of those that are asked for") {
  const Labels device = {{"rack", "b4"}, {"site", "lab"}};
  CHECK(Matches({.labels = {{"site", "lab"}}}, "x", device));
  CHECK(Matches({.labels = device}, "x", device));
  CHECK_FALSE(Matches({.labels = {{"site", "plant"}}}, "x", device));
  CHECK_FALSE(Matches({.labels = {{"site", "lab"}, {"zone", "1"}}}, "x", device));
  CHECK_FALSE(Matches({.labels = {{"site", "lab"}}}, "x", {}));
  CHECK_FALSE(Matches({.name_glob = "y", .labels = device}, "x", device));
}

// Two levels, and three overrides: two for sites, one for a device.
Rule Layered() {
  Rule rule = ThresholdRule("TEMP", "temp_celsius", Comparison::kAbove, 75);
  rule.levels[0].clear = 70;
  rule.levels.push_back({.severity = Severity::kCritical, .threshold = 90});
  rule.overrides = {
      {.match = {.labels = {{"site", "oven"}}},
       .levels = {{.level = 0, .threshold = 150, .clear = 140}, {.level = 1, .threshold = 180}}},
      {.match = {.name_glob = "oven-*"}, .levels = {{.level = 1, .threshold = 200, .hold = 10s}}},
      {.match = {.labels = {{"rack", "spare"}}}, .enabled = false}};
  return rule;
}

TEST_CASE("without a matching override a rule is what it says") {
  const Rule rule = Layered();
  const auto effective = Resolve(rule, "edge-07", {{"site", "lab"}});
  REQUIRE(effective);
  CHECK(effective->levels == rule.levels);
  CHECK(effective->enabled);
  CHECK(effective->origins == std::vector<LevelOrigin>(2));
}

TEST_CASE("of the overrides that match, the last one that sets a value counts") {
  const Rule rule = Layered();
  const auto effective = Resolve(rule, "oven-3", {{"rack", "spare"}, {"site", "oven"}});
  REQUIRE(effective);
  CHECK_FALSE(effective->enabled);
  CHECK(effective->enabled_by == 2);
  CHECK(effective->levels[0].threshold == 150);
  CHECK(effective->levels[0].clear == 140);
  CHECK(effective->levels[1].threshold == 200);
  CHECK(effective->levels[1].hold == 10s);
  CHECK(effective->levels[1].severity == Severity::kCritical);
  CHECK(effective->origins[0] == LevelOrigin{.threshold = 0, .clear = 0});
  CHECK(effective->origins[1] == LevelOrigin{.threshold = 1, .hold = 1});
}

TEST_CASE("an override can enable again what an earlier one disabled") {
  Rule rule = Layered();
  rule.overrides[0].enabled = false;
  rule.overrides[1].enabled = true;
  const Labels oven = {{"site", "oven"}};
  CHECK_FALSE(Resolve(rule, "edge-07", oven)->enabled);
  CHECK(Resolve(rule, "oven-3", oven)->enabled);
}

TEST_CASE("a rule that is not about a device is nothing there") {
  Rule rule = Layered();
  rule.match = {.name_glob = "oven-*", .labels = {{"site", "oven"}}};
  CHECK(Resolve(rule, "oven-3", {{"site", "oven"}}));
  CHECK_FALSE(Resolve(rule, "oven-3", {}));
  CHECK_FALSE(Resolve(rule, "edge-07", {{"site", "oven"}}));
}

TEST_CASE("a clear that two overrides put on the bad side of the threshold counts as none") {
  Rule rule = ThresholdRule("TEMP", "temp_celsius", Comparison::kAbove, 75);
  rule.overrides = {{.match = {}, .levels = {{.level = 0, .clear = 74}}},
                    {.match = {}, .levels = {{.level = 0, .threshold = 60}}}};
  const auto level = Resolve(rule, "x", {})->levels[0];
  CHECK(level.threshold == 60);
  CHECK(level.clear == std::nullopt);
}

}  // namespace
}  // namespace edgefeed
