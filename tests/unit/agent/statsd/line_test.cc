#include "agent/statsd/line.h"

#include <doctest/doctest.h>

#include <random>
#include <string>

namespace edgefeed {
namespace {

StatsdLine Good(std::string_view line) {
  const auto parsed = ParseStatsdLine(line);
  CAPTURE(line);
  REQUIRE(std::holds_alternative<StatsdLine>(parsed));
  return std::get<StatsdLine>(parsed);
}

std::string_view Refusal(std::string_view line) {
  const auto parsed = ParseStatsdLine(line);
  if (std::holds_alternative<StatsdLine>(parsed)) return "taken";
  return kStatsdDropNames.at(static_cast<std::size_t>(std::get<StatsdDrop>(parsed)));
}

TEST_CASE("each type has its letter") {
  CHECK(Good("a.b:1|c").type == StatsdType::kCounter);
  CHECK(Good("a.b:1|g").type == StatsdType::kGauge);
  CHECK(Good("a.b:1|ms").type == StatsdType::kTimer);
  CHECK(Good("a.b:1|h").type == StatsdType::kHistogram);
  CHECK(Good("a.b:1|d").type == StatsdType::kHistogram);
}

TEST_CASE("a line has a name, a value, and perhaps a rate and tags in any order") {
  const StatsdLine plain = Good("sensord.frames:12.5|c");
  CHECK(plain.name == "sensord.frames");
  CHECK(plain.value == 12.5);
  CHECK(plain.rate == 1);
  CHECK(plain.tags.empty());
  for (const std::string_view line : {"a:1e2|c|@0.25|#room:left,raw", "a:100|c|#room:left,raw|@.25",
                                      "a:+100|c|T1656581400|#room:left,raw|c:83c0a99c|@0.25|e:x"}) {
    const StatsdLine full = Good(line);
    CHECK(full.value == 100);
    CHECK(full.rate == 0.25);
    CHECK(full.tags == "room:left,raw");
  }
  CHECK(Good("a:1|c|").rate == 1);
}

TEST_CASE("a gauge with a sign is changed, without one it is set") {
  CHECK_FALSE(Good("a:3|g").relative);
  CHECK(Good("a:+3|g").relative);
  CHECK(Good("a:-3|g").relative);
  CHECK(Good("a:-3|g").value == -3);
  CHECK_FALSE(Good("a:-3|h").relative);
}

TEST_CASE("what is no line is refused") {
  for (const std::string_view line :
       {"",           ":",       "|",        "a",          "a:",          "a:|",
        "a:1",        "a:1|",    ":1|c",     "a:x|c",      "a:1x|c",      "a: 1|c",
        "a:1|x",      "a:1|cc",  "a:1|C",    "a:1:2|c",    "a:--1|g",     "a:+-1|g",
        "a:+|g",      "a:-|g",   "a:nan|g",  "a:inf|g",    "a:-inf|g",    "a:1e999|g",
        "a:0x10|g",   "a:1|c|@", "a:1|c|@0", "a:1|c|@1.1", "a:1|c|@-0.5", "a:1|c|@x",
        "a:1|c|@nan", "a:-1|c",  "a:-1|ms"}) {
    CAPTURE(line);
    CHECK(Refusal(line) == "malformed");
  }
}

TEST_CASE("sets, meters, events and service checks are refused as what they are") {
  for (const std::string_view line :
       {"users:alice|s", "a:1|m", "a:1|kv", "_e{5,4}:title|text", "_sc|Redis connection|2"}) {
    CAPTURE(line);
    CHECK(Refusal(line) == "unsupported");
  }
}

TEST_CASE("any bytes are read to an end, and what is taken is usable") {
  std::mt19937 random(1);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same each time.
  const std::string alphabet = "ab.:|@#,+-019.eEcgmshd_{}\n\r \0\xff";
  std::size_t taken = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string line = i % 2 == 0 ? "a:1|" : "";
    for (auto size = random() % 12; size > 0; --size) line += alphabet[random() % alphabet.size()];
    const auto parsed = ParseStatsdLine(line);
    if (const auto* good = std::get_if<StatsdLine>(&parsed)) {
      ++taken;
      CAPTURE(line);
      REQUIRE_FALSE(good->name.empty());
      REQUIRE(good->value - good->value == 0);  // Finite.
      REQUIRE(good->rate > 0);
      REQUIRE(good->rate <= 1);
    }
  }
  CHECK(taken > 100);
}

}  // namespace
}  // namespace edgefeed
