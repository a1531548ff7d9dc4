#include <doctest/doctest.h>

#include <fstream>

#include "common/config/scalars.h"
#include "common/config/yaml_reader.h"
#include "tests/unit/config/fake_environment.h"

// What a hostile or broken file can do: be refused, in bounded time and space.
namespace edgefeed {
namespace {

std::string Errors(std::string_view text) {
  std::vector<std::string> list;
  const Status status = ReadYaml(text, "t.yaml", FakeEnvironment({}),
                                 [&](YamlReader& root) { root.ReadList("list", list, ParseText); });
  return status.ok() ? "" : status.error().message;
}

std::string Repeated(std::string_view text, std::size_t bytes) {
  std::string repeated;
  while (repeated.size() < bytes) repeated += text;
  return repeated;
}

TEST_CASE("deep nesting is refused") {
  CHECK(Errors("list: [[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]") ==
        "t.yaml:1:22: YAML: nested too deeply, at most 16 levels are allowed");
}

TEST_CASE("an alias bomb is refused at its first alias") {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string name = "a" + std::to_string(i);
    const std::string before = "*a" + std::to_string(i - 1);
    bomb.append(name).append(": &").append(name);
    bomb.append(" [").append(before).append(", ").append(before).append("]\n");
  }
  CHECK(Errors(bomb) ==
        "t.yaml:2:10: YAML: aliases (*name) are not supported: write the value again");
}

TEST_CASE("a file full of anything ends, without a crash") {
  constexpr std::size_t kBytes = 128 << 10;
  for (const std::string pattern :
       {"[",    "{",     "- ",       "? ",    "{a: ",       "a: [",   "a:\n", "- - ",
        "&a ",  "!a ",   "'",        "\"",    "\"\\",       "a: 1\n", "[a,",  "#",
        "%a\n", "---\n", "|\n",      "*a ",   "[[]],",      "[],",    "\t",   "a: b: ",
        ": \n", "\xff",  "list: ['", "...\n", "list: |\n ", "\"a\": "}) {
    CAPTURE(pattern);
    CHECK(Errors(Repeated(pattern, kBytes)).size() < 20'000);
    CHECK(Errors("list: " + Repeated(pattern, kBytes)).size() < 20'000);
  }
  CHECK(Errors(std::string(kBytes, '\0')).size() < 20'000);
}

TEST_CASE("of very many problems the first are shown") {
  std::string text;
  for (int i = 1; i <= 60; ++i) text += "zzzzz" + std::to_string(i) + ": 1\n";
  const std::string errors = Errors(text);
  CHECK(errors.starts_with("t.yaml:1:1: zzzzz1: unknown key (allowed here: list)\n"));
  CHECK(
      errors.ends_with("t.yaml:50:1: zzzzz50: unknown key (allowed here: list)\n"
                       "t.yaml: and 10 more problems"));
}

TEST_CASE("long values and long keys are not repeated at length") {
  CHECK(Errors("list: ['" + std::string(4096, 'x') + "']") == "");
  CHECK(Errors("list: ['" + std::string(4097, 'x') + "']") ==
        "t.yaml:1:8: list[0]: has over 4096 bytes");
  CHECK(Errors(std::string(1000, 'k') + ": 1").size() < 150);
}

TEST_CASE("a file over 1 MiB is refused") {
  const auto file = std::filesystem::temp_directory_path() / "edgefeed-config-too-large.yaml";
  std::ofstream(file) << Repeated("# comment\n", (1 << 20) + 1);
  const Status status = ReadYamlFile(file, FakeEnvironment({}), [](YamlReader&) {});
  std::filesystem::remove(file);
  REQUIRE_FALSE(status.ok());
  CHECK(status.error() ==
        Error{Code::kResourceExhausted, file.string() + ": larger than 1048576 bytes"});
}

}  // namespace
}  // namespace edgefeed
