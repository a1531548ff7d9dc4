#include "ctl/rules/value_notation.h"

#include <doctest/doctest.h>

#include <string>

namespace edgefeed {
namespace {

using Values = std::vector<std::optional<double>>;

Values Parsed(std::string_view text) {
  const auto values = ParseValues(text);
  REQUIRE_MESSAGE(values, values.error().message);
  return *values;
}

TEST_CASE("values: single ones, runs and steps") {
  CHECK(Parsed("").empty());
  CHECK(Parsed("5 -1.5 1e3") == Values{5, -1.5, 1000});
  CHECK(Parsed("5x3") == Values{5, 5, 5, 5});
  CHECK(Parsed("0+10x3") == Values{0, 10, 20, 30});
  CHECK(Parsed("9-2x2") == Values{9, 7, 5});
  CHECK(Parsed("-9+0.5x1") == Values{-9, -8.5});
  CHECK(Parsed("0x2") == Values{0, 0, 0});
}

TEST_CASE("values: missing ones") {
  CHECK(Parsed("1 _ 2") == Values{1, std::nullopt, 2});
  CHECK(Parsed("_x2\n7") == Values{std::nullopt, std::nullopt, 7});
}

TEST_CASE("values: what is none is named") {
  for (const std::string word :
       {"x3", "5x", "5x-1", "5+x2", "5+2", "_5", "_x", "stale", "nan", "inf", "5y", "1x2x3"}) {
    CAPTURE(word);
    const auto values = ParseValues("1 " + word);
    REQUIRE_FALSE(values);
    CHECK(values.error().message.starts_with("'" + word + "' is not a value such as 5,"));
  }
}

TEST_CASE("values: a small text does not make a huge series") {
  CHECK(Parsed("1x999999").size() == kMaxSeriesValues);
  CHECK_FALSE(ParseValues("1x1000000"));
  CHECK_FALSE(ParseValues("_x4294967295 1"));
}

}  // namespace
}  // namespace edgefeed
