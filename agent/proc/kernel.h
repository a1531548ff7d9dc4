#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "common/model/metric.h"
#include "common/model/series.h"

namespace edgefeed {

// One value that the kernel told.
struct MachineReading {
  const MetricInfo* metric;  // An entry of the catalogue.
  Labels labels;
  double value = 0;
};

// Time that all CPUs together have spent since boot, in the kernel's clock ticks.
struct CpuTicks {
  std::uint64_t busy = 0;  // Everything but idle and iowait.
  std::uint64_t total = 0;
};

// The machine at one moment. What this kernel does not tell is left out.
struct MachineState {
  std::optional<CpuTicks> cpu;
  std::optional<double> memory_used_mib;  // As the metric memory_mb.
  std::vector<MachineReading> readings;

  void Add(const MetricInfo& metric, double value, Labels labels = {}) {
    readings.push_back({&metric, std::move(labels), value});
  }
};

// The machine that the agent runs on. Not thread-safe; called on the core strand.
class Kernel {
 public:
  virtual ~Kernel() = default;
  // Reads everything anew. Never fails as a whole: a source that cannot be read is left out, and
  // counted in the reading `agent_read_errors_total`.
  virtual MachineState Read() = 0;
};

}  // namespace edgefeed
