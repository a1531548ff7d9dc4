#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace edgefeed {

// What a rule makes of the values of a series before it compares. All but kLast are about the
// values of the rule's window.
enum class RuleFunction {
  kLast,
  kAverage,
  kMinimum,
  kMaximum,
  kRate,   // Change for each second between the window's first and last value.
  kDelta,  // Change over the window.
  kP95,    // The smallest value that 95 % of the values do not exceed.
};

// In the order of RuleFunction.
constexpr std::array<std::string_view, 7> kRuleFunctionNames = {"last", "avg",   "min", "max",
                                                                "rate", "delta", "p95"};

constexpr std::string_view FunctionName(RuleFunction function) {
  return kRuleFunctionNames[static_cast<std::size_t>(function)];
}

}  // namespace edgefeed
