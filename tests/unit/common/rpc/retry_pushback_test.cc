#include "common/rpc/retry_pushback.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

TEST_CASE("what a server asks for is what its client reads") {
  for (const auto wait : {1ms, 5000ms, 600'000ms}) {
    CHECK(ParseRetryPushback(FormatRetryPushback(wait)) == wait);
  }
  CHECK(FormatRetryPushback(2s) == "2000");
}

TEST_CASE("no server sends a client away for longer than ten minutes") {
  CHECK(ParseRetryPushback("600001") == 10min);
  CHECK(ParseRetryPushback(std::to_string(std::numeric_limits<std::int64_t>::max())) == 10min);
}

TEST_CASE("what is no time to wait is none") {
  for (const std::string text :
       {"", "0", "-1", "-9223372036854775808", "-9223372036854775809", "9223372036854775808",
        "soon", "5s", "1.5", " 5", "5 ", "+5", "0x10", "1e3"}) {
    CAPTURE(text);
    CHECK(ParseRetryPushback(text) == 0ms);
  }
  CHECK(ParseRetryPushback(std::string(4096, '9')) == 0ms);
  CHECK(ParseRetryPushback(std::string("5\0", 2)) == 0ms);
}

}  // namespace
}  // namespace edgefeed
