#include "common/config/expand.h"

#include <doctest/doctest.h>

#include "tests/unit/config/fake_environment.h"

namespace edgefeed {
namespace {

// The text, or the error's message.
std::string Expand(std::string_view text) {
  const auto environment = FakeEnvironment({{"HOST", "board-7"},
                                            {"EMPTY", ""},
                                            {"TRICKY", "${HOST} $$ }"},
                                            {"LATIN1", "caf\xe9"},
                                            {"CUT", "\xe2\x82"},
                                            {"EURO", "\xe2\x82\xac"}});
  const auto expanded = ExpandVariables(text, environment);
  return expanded ? *expanded : "error: " + expanded.error().message;
}

TEST_CASE("text without variables stays as it is") {
  CHECK(Expand("") == "");
  CHECK(Expand("plain {text} }") == "plain {text} }");
  CHECK(Expand("echo $HOST costs 5$") == "echo $HOST costs 5$");
}

TEST_CASE("variables are replaced, wherever they stand") {
  CHECK(Expand("${HOST}") == "board-7");
  CHECK(Expand("a-${HOST}-${HOST}.b") == "a-board-7-board-7.b");
  CHECK(Expand("[${EMPTY}]") == "[]");
}

TEST_CASE("what a variable holds is not expanded again") {
  CHECK(Expand("${TRICKY}") == "${HOST} $$ }");
}

TEST_CASE("a default stands in for a variable that is unset or empty") {
  CHECK(Expand("${NONE:-x y}") == "x y");
  CHECK(Expand("${EMPTY:-x}") == "x");
  CHECK(Expand("${HOST:-x}") == "board-7");
  CHECK(Expand("[${NONE:-}]") == "[]");
  CHECK(Expand("${NONE:-a:-b}") == "a:-b");
}

TEST_CASE("a default may hold variables") {
  CHECK(Expand("${NONE:-${HOST}}!") == "board-7!");
  CHECK(Expand("${NONE:-${OTHER:-${EMPTY:-deep}}}") == "deep");
  CHECK(Expand("${NONE:-$${HOST}") == "${HOST");
  CHECK(Expand("${HOST:-${NONE}}") == "board-7");
}

TEST_CASE("two dollars are one") {
  CHECK(Expand("$$") == "$");
  CHECK(Expand("$${HOST}") == "${HOST}");
  CHECK(Expand("$$$${HOST}") == "$${HOST}");
  CHECK(Expand("$$${HOST}") == "$board-7");
}

TEST_CASE("an unset variable is an error that names it") {
  CHECK(Expand("a ${NONE}") ==
        "error: the environment variable NONE is not set; ${NONE:-default} gives it a default");
  CHECK(Expand("${EMPTY:-${NONE}}") ==
        "error: the environment variable NONE is not set; ${NONE:-default} gives it a default");
}

TEST_CASE("malformed variables are errors") {
  CHECK(Expand("x ${HOST") == "error: a ${ has no closing }; write $$ for a $");
  CHECK(Expand("${NONE:-${HOST}") == "error: a ${ has no closing }; write $$ for a $");
  for (const std::string bad : {"${}", "${1A}", "${A-b}", "${A b}", "${:-x}", "${${HOST}}"}) {
    CAPTURE(bad);
    CHECK(Expand(bad) == "error: '" + bad + "' is neither ${NAME} nor ${NAME:-default}");
  }
}

TEST_CASE("variables must be UTF-8") {
  CHECK(Expand("${EURO}") == "\xe2\x82\xac");
  CHECK(Expand("${LATIN1}") == "error: the environment variable LATIN1 is not valid UTF-8");
  CHECK(Expand("${CUT}") == "error: the environment variable CUT is not valid UTF-8");
}

TEST_CASE("endless nesting is refused") {
  std::string nested = "x";
  for (int i = 0; i < 9; ++i) nested.insert(0, "${NONE:-").append("}");
  CHECK(Expand(nested) == "error: defaults are nested too deeply, at most 8 are allowed");
  CHECK(Expand(nested.substr(8, nested.size() - 9)) == "x");
}

TEST_CASE("the process's environment always knows the host's name") {
  const auto environment = ProcessEnvironment();
  REQUIRE(environment("HOSTNAME"));
  CHECK_FALSE(environment("HOSTNAME")->empty());
  CHECK(environment("PATH"));
  CHECK_FALSE(environment("EDGEFEED_NO_SUCH_VARIABLE"));
}

}  // namespace
}  // namespace edgefeed
