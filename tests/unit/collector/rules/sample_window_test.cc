#include "collector/rules/sample_window.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

const WallTime kStart = FromUnixMillis(1'700'000'000'000);

// What the window says after one value a second.
std::optional<double> After(RuleFunction function, std::chrono::milliseconds length,
                            const std::vector<double>& values, ValueKind kind = ValueKind::kGauge) {
  SampleWindow window(function, length, kind);
  for (std::size_t i = 0; i < values.size(); ++i) {
    CHECK(window.Add(kStart + i * 1s, values[i]));
  }
  return window.Value();
}

TEST_CASE("avg, min, max and p95 are of the window's values, as many as there are") {
  const std::vector<double> values = {100, 4, 2, 9};  // The first one is too old.
  CHECK(After(RuleFunction::kAverage, 3s, values) == 5.0);
  CHECK(After(RuleFunction::kMinimum, 3s, values) == 2.0);
  CHECK(After(RuleFunction::kMaximum, 3s, values) == 9.0);
  CHECK(After(RuleFunction::kP95, 3s, values) == 9.0);
  CHECK(After(RuleFunction::kAverage, 3s, {7}) == 7.0);
}

TEST_CASE("p95 is the smallest value that 95 % do not exceed") {
  std::vector<double> values;
  for (int i = 1; i <= 100; ++i) values.push_back(i);
  CHECK(After(RuleFunction::kP95, 1000s, values) == 95.0);
  values.push_back(101);
  CHECK(After(RuleFunction::kP95, 1000s, values) == 96.0);
  CHECK(After(RuleFunction::kP95, 20s, values) == 100.0);
}

TEST_CASE("delta is the change since the value of a window ago, rate the same a second") {
  const std::vector<double> values = {1, 10, 20, 40};
  CHECK(After(RuleFunction::kDelta, 2s, values) == 30.0);
  CHECK(After(RuleFunction::kRate, 2s, values) == 15.0);
  CHECK(After(RuleFunction::kDelta, 100s, values) == 39.0);
  CHECK(After(RuleFunction::kRate, 100s, values) == 13.0);
}

TEST_CASE("a counter that drops has started again from 0, a gauge that drops has dropped") {
  const std::vector<double> values = {100, 130, 5, 25};
  CHECK(After(RuleFunction::kDelta, 100s, values, ValueKind::kCounter) == 30.0 + 5 + 20);
  CHECK(After(RuleFunction::kRate, 100s, values, ValueKind::kCounter) == 55.0 / 3);
  CHECK(After(RuleFunction::kDelta, 100s, values) == -75.0);
  CHECK(After(RuleFunction::kRate, 100s, values) == -25.0);
}

TEST_CASE("a change needs two values, a rate also time between them") {
  CHECK(After(RuleFunction::kDelta, 10s, {5}) == std::nullopt);
  CHECK(After(RuleFunction::kRate, 10s, {5}) == std::nullopt);
  SampleWindow delta(RuleFunction::kDelta, 10s, ValueKind::kGauge);
  SampleWindow rate(RuleFunction::kRate, 10s, ValueKind::kGauge);
  for (const double value : {5, 7}) {
    CHECK(delta.Add(kStart, value));
    CHECK(rate.Add(kStart, value));
  }
  CHECK(delta.Value() == 2.0);
  CHECK(rate.Value() == std::nullopt);
}

TEST_CASE("after an outage only what is new counts") {
  SampleWindow window(RuleFunction::kMaximum, 10s, ValueKind::kGauge);
  CHECK(window.Add(kStart, 100));
  CHECK(window.Add(kStart + 1h, 1));
  CHECK(window.Value() == 1.0);
}

TEST_CASE("a full window forgets its oldest value, and says so") {
  SampleWindow window(RuleFunction::kMaximum, 24h, ValueKind::kGauge);
  CHECK(window.Add(kStart, 1e6));
  for (std::size_t i = 1; i < SampleWindow::kMaxValues; ++i) {
    CHECK(window.Add(kStart + i * 1s, static_cast<double>(i % 7)));
  }
  CHECK(window.Value() == 1e6);
  CHECK_FALSE(window.Add(kStart + 1h, 3));
  CHECK(window.Value() == 6.0);
}

// The same from all values there have been.
double Expected(RuleFunction function, std::vector<double> values) {
  if (function == RuleFunction::kMinimum) return *std::ranges::min_element(values);
  if (function == RuleFunction::kMaximum) return *std::ranges::max_element(values);
  if (function == RuleFunction::kP95) {
    std::ranges::sort(values);
    return values[static_cast<std::size_t>(std::ceil(0.95 * static_cast<double>(values.size()))) -
                  1];
  }
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

TEST_CASE("over a long time the window says what its values say") {
  for (const auto function : {RuleFunction::kAverage, RuleFunction::kMinimum,
                              RuleFunction::kMaximum, RuleFunction::kP95}) {
    CAPTURE(FunctionName(function));
    std::mt19937 random(7);
    SampleWindow window(function, 60s, ValueKind::kGauge);
    std::vector<std::pair<WallTime, double>> all;
    WallTime time = kStart;
    for (int i = 0; i < 3000; ++i) {
      time += std::chrono::milliseconds(random() % 50 == 0 ? random() % 100'000 : random() % 2000);
      all.emplace_back(time, random() % 20);  // Equal ones too.
      REQUIRE(window.Add(time, all.back().second));
      std::vector<double> within;
      for (const auto& [at, value] : all) {
        if (time - at < 60s) within.push_back(value);
      }
      REQUIRE(window.Value() == Expected(function, within));
    }
  }
}

}  // namespace
}  // namespace edgefeed
