#pragma once

#include <array>
#include <chrono>

namespace edgefeed {

// Lengths of time that divide the next longer ones a person thinks in.
constexpr std::array<std::chrono::seconds, 18> kRoundSteps = {
    std::chrono::seconds(1),  std::chrono::seconds(2),  std::chrono::seconds(5),
    std::chrono::seconds(10), std::chrono::seconds(15), std::chrono::seconds(30),
    std::chrono::minutes(1),  std::chrono::minutes(2),  std::chrono::minutes(5),
    std::chrono::minutes(10), std::chrono::minutes(15), std::chrono::minutes(30),
    std::chrono::hours(1),    std::chrono::hours(2),    std::chrono::hours(6),
    std::chrono::hours(12),   std::chrono::hours(24),   std::chrono::hours(7 * 24)};

// The longest round step that is not longer; 0 when there is none.
constexpr std::chrono::milliseconds RoundStepAtMost(std::chrono::milliseconds length) {
  std::chrono::milliseconds best{0};
  for (const std::chrono::seconds step : kRoundSteps) {
    if (step <= length) best = step;
  }
  return best;
}

// The shortest round step that is not shorter; whole weeks when all are.
constexpr std::chrono::milliseconds RoundStepAtLeast(std::chrono::milliseconds length) {
  for (const std::chrono::seconds step : kRoundSteps) {
    if (step >= length) return step;
  }
  const std::chrono::milliseconds week = kRoundSteps.back();
  return (length + week - std::chrono::milliseconds(1)) / week * week;
}

}  // namespace edgefeed
