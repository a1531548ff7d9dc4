#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "collector/ports.h"

namespace edgefeed {

// Says of each sample what the test wants.
class FakeRuleEvaluator final : public RuleEvaluator {
 public:
  Verdict Observe(const std::string& /*device*/, const Sample& sample) override {
    observed.push_back(sample.position.sequence);
    return verdict;
  }
  [[nodiscard]] std::vector<std::string> Firing(const std::string& /*device*/) const override {
    return firing;
  }

  Verdict verdict;
  std::vector<std::string> firing;
  std::vector<std::uint64_t> observed;  // Sequences.
};

}  // namespace edgefeed
