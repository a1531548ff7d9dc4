// The tests of rules that are shipped, and those that docs/RULES.md shows, pass.
#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "common/base/file.h"
#include "ctl/rules/rule_test.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

const std::filesystem::path kSource = EDGEFEED_SOURCE;
const Environment kNothing = [](const std::string&) { return std::nullopt; };

// The contents of the first ```yaml from `position` on, which then is behind it.
std::string TakeYaml(const std::string& text, std::size_t& position) {
  const std::string begin = "```yaml\n";
  const auto from = text.find(begin, position);
  REQUIRE(from != std::string::npos);
  position = text.find("```", from + begin.size());
  return text.substr(from + begin.size(), position - from - begin.size());
}

void CheckAllPass(const std::filesystem::path& file) {
  const auto tests = LoadRuleTests(file, kNothing);
  REQUIRE_MESSAGE(tests, tests.error().message);
  CHECK_FALSE(tests->cases.empty());
  for (const RuleTestCase& test : tests->cases) {
    for (const DiffLine& line : CompareChanges(test.expected, RunRuleTest(tests->rules, test))) {
      CHECK_MESSAGE(line.mark == DiffMark::kSame, test.name, ": ", line.text);
    }
  }
}

TEST_CASE("config/rules_test.yaml passes") { CheckAllPass(kSource / "config/rules_test.yaml"); }

TEST_CASE("the examples of docs/RULES.md are good, and their test passes") {
  const auto text = ReadSmallFile(kSource / "docs/RULES.md");
  REQUIRE(text);
  const TempDir directory;
  std::size_t position = 0;
  std::ofstream(directory.path() / "collector.yaml") << TakeYaml(*text, position);
  std::ofstream(directory.path() / "test.yaml") << TakeYaml(*text, position);
  CheckAllPass(directory.path() / "test.yaml");
}

}  // namespace
}  // namespace edgefeed
