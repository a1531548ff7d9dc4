#include "ctl/rules/firing_log.h"

#include <doctest/doctest.h>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

const std::vector<Rule> kRules = {ThresholdRule("HOT", "t", Comparison::kAbove, 90),
                                  ThresholdRule("COLD", "t", Comparison::kBelow, 5)};

RuleChange At(std::chrono::seconds time, AlertChange change, const std::string& rule, double value,
              Severity severity = Severity::kWarning) {
  return {.time = WallTime(time),
          .change = change,
          .rule = rule,
          .series = {"t", {}},
          .severity = severity,
          .value = value,
          .message = rule + " at " + std::to_string(time.count())};
}

TEST_CASE("a firing has its length, its worst value and severity, and the message of that") {
  FiringLog log(kRules, WallTime(100s));
  CHECK_FALSE(log.Take("cam", At(10s, AlertChange::kFired, "HOT", 91)));
  CHECK_FALSE(log.Take("cam", At(20s, AlertChange::kEscalated, "HOT", 99, Severity::kCritical)));
  CHECK_FALSE(log.Take("cam", At(30s, AlertChange::kRepeated, "HOT", 92)));
  const auto ended = log.Take("cam", At(40s, AlertChange::kResolved, "HOT", 0));
  REQUIRE(ended);
  CHECK(log.LengthOf(*ended) == 30s);
  CHECK(ended->worst == 99);
  CHECK(ended->severity == Severity::kCritical);
  CHECK(ended->message == "HOT at 20");
  CHECK(log.TakeOpen().empty());
}

TEST_CASE("what has not ended fires until the end, and the smallest value below is the worst") {
  FiringLog log(kRules, WallTime(100s));
  CHECK_FALSE(log.Take("cam", At(10s, AlertChange::kFired, "COLD", 4)));
  CHECK_FALSE(log.Take("cam", At(20s, AlertChange::kRepeated, "COLD", 1)));
  CHECK_FALSE(log.Take("cam", At(30s, AlertChange::kRepeated, "COLD", 3)));
  const auto open = log.TakeOpen();
  REQUIRE(open.size() == 1);
  CHECK(open[0].worst == 1);
  CHECK_FALSE(open[0].resolved);
  CHECK(log.LengthOf(open[0]) == 90s);
}

TEST_CASE("totals are by rule, and count devices once") {
  FiringLog log(kRules, WallTime(100s));
  for (const std::string device : {"a", "a", "b"}) {
    log.Take(device, At(10s, AlertChange::kFired, "HOT", 91));
    log.Take(device, At(15s, AlertChange::kResolved, "HOT", 0));
  }
  REQUIRE(log.totals().size() == 2);
  CHECK(log.totals()[0].times == 3);
  CHECK(log.totals()[0].devices == std::set<std::string>{"a", "b"});
  CHECK(log.totals()[0].firing == 15s);
  CHECK(log.totals()[1].times == 0);
}

}  // namespace
}  // namespace edgefeed
