#include "agent/sampler/cpu_usage.h"

#include <algorithm>
#include <cmath>

namespace edgefeed {
namespace {

// Finer the ticks do not tell, and a column takes decimals as small integers.
double InHundredths(double value) { return std::round(value * 100) / 100; }

}  // namespace

double CpuUsage::Update(const CpuTicks& now) {
  if (base_ && now.total == base_->total) return percent_;
  if (base_ && now.total > base_->total && now.busy >= base_->busy) {
    const auto busy = static_cast<double>(now.busy - base_->busy);
    const auto total = static_cast<double>(now.total - base_->total);
    percent_ = std::clamp(InHundredths(100 * busy / total), 0.0, 100.0);
  }
  base_ = now;
  return percent_;
}

}  // namespace edgefeed
