#include "common/base/json.h"

#include <doctest/doctest.h>

#include <limits>

namespace edgefeed {

TEST_CASE("a text as JSON is quoted, and its controls are escaped") {
  CHECK(JsonString("a \"b\" \\ \n\x1b") == R"("a \"b\" \\ \u000a\u001b")");
}

TEST_CASE("a JSON object on one line") {
  JsonLine json;
  CHECK(JsonLine().text() == "{}");
  json.Add("text", "a\"b");
  json.Add("yes", true);
  json.Add("most", UINT64_MAX);
  json.Add("least", INT64_MIN);
  json.Add("nothing", std::optional<int>());
  json.Add("something", std::optional(7));
  json.BeginObject("inner");
  json.BeginArray("list");
  json.Add("", 1);
  json.BeginObject("");
  json.End();
  json.End();
  json.AddNull("null");
  json.End();
  json.Add("last", false);
  CHECK(json.text() ==
        R"({"text":"a\"b","yes":true,"most":18446744073709551615,"least":-9223372036854775808,)"
        R"("nothing":null,"something":7,"inner":{"list":[1,{}],"null":null},"last":false})");
}

TEST_CASE("a real number as JSON reads back as the same, and what JSON has not is null") {
  JsonLine json;
  json.Add("a", 0.1);
  json.Add("b", 1e300);
  json.Add("c", std::numeric_limits<double>::infinity());
  json.Add("d", std::numeric_limits<double>::quiet_NaN());
  CHECK(json.text() == R"({"a":0.1,"b":1e+300,"c":null,"d":null})");
}

}  // namespace edgefeed
