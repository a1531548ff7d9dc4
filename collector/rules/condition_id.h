#pragma once

#include <cstdint>
#include <vector>

#include "collector/rules/rule.h"

namespace edgefeed {

// What a rule's state is about, but for the levels, which may differ from device to device: states
// of two such rules can stand for each other if their levels are the same too.
[[nodiscard]] bool SameCondition(const Rule& a, const Rule& b);

// The same question for a rule that is known only from the run before: the first 64 bits of
// SHA-256 of all that, levels included.
[[nodiscard]] std::uint64_t ConditionId(const Rule& rule, const std::vector<RuleLevel>& levels);

}  // namespace edgefeed
