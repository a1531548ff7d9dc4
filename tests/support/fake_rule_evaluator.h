#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "collector/ports.h"

namespace edgefeed {

// Remembers what it was told, and has no alerts for anybody.
class FakeRuleEvaluator final : public RuleEvaluator, public DeviceAlerts {
 public:
  void Observe(const std::string& /*device*/, const Sample& sample, Lane lane) override {
    (lane == Lane::kLive ? observed : observed_late).push_back(sample.position.sequence);
  }
  void Heard(const std::string& /*device*/) override { ++heard; }
  void Describe(const std::string& /*device*/,
                const std::shared_ptr<const DeviceInfo>& info) override {
    described.push_back(info->labels);
  }
  const Alert* Next(const std::string& /*device*/, std::uint64_t /*after*/) override {
    return nullptr;
  }
  void Acknowledge(const std::string& /*device*/, std::uint64_t /*number*/) override {}

  int heard = 0;
  std::vector<Labels> described;
  std::vector<std::uint64_t> observed;       // Sequences of live samples,
  std::vector<std::uint64_t> observed_late;  // and of backlog.
};

}  // namespace edgefeed
