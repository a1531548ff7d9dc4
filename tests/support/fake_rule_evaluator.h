#pragma once

#include <cstdint>
#include <memory>
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
  bool Describe(const std::string& /*device*/,
                const std::shared_ptr<const DeviceInfo>& info) override {
    described.push_back(info->labels);
    return firing_changes_with_labels;
  }
  [[nodiscard]] std::vector<std::string> Firing(const std::string& /*device*/) const override {
    return firing;
  }

  Verdict verdict;
  bool firing_changes_with_labels = false;
  std::vector<Labels> described;
  std::vector<std::string> firing;
  std::vector<std::uint64_t> observed;  // Sequences.
};

}  // namespace edgefeed
