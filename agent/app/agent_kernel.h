#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "agent/boot/boot_record.h"
#include "agent/crash/dump_counts.h"
#include "agent/outbox/outbox.h"
#include "agent/proc/kernel.h"
#include "agent/statsd/statsd_counts.h"

namespace edgefeed {

// What the agent's stages count.
struct AgentCounts {
  OutboxCounts outbox;
  DumpCounts dumps;
  BootCounts boots{};
  std::optional<std::chrono::milliseconds> offline;  // Before this boot.
  std::uint64_t feed_connects = 0;
  std::uint64_t alerts_skipped = 0;
  std::optional<std::chrono::milliseconds> certificate_left;  // Nothing: the agent has none.
  std::uint64_t tls_refused = 0;
  StatsdCounts statsd{};
};

// The machine's readings and, after them, the agent's own.
class AgentKernel final : public Kernel {
 public:
  // `machine` and what `counts` uses must outlive it.
  AgentKernel(Kernel& machine, std::function<AgentCounts()> counts)
      : machine_(machine), counts_(std::move(counts)) {}

  MachineState Read() override;

 private:
  Kernel& machine_;
  std::function<AgentCounts()> counts_;
};

}  // namespace edgefeed
