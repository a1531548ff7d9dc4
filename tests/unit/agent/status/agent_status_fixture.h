#pragma once

#include "agent/status/agent_status.h"

namespace edgefeed {

// An agent that is well, at noon.
inline AgentStatus HealthyAgent() {
  using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
  AgentStatus status{.device = "board-7",
                     .version = "1.2.3",
                     .config = "/etc/edgefeed/agent.yaml",
                     .pid = 812,
                     .uptime = 3h + 12min,
                     .resident_bytes = 14U << 20U,
                     .time = WallTime(FromUnixMillis(1'795'608'000'000)),  // 2026-11-25T12:00:00Z
                     .clock = ClockTrust::kKernel};
  status.link = {.connected = true,
                 .collector = "edge.example:50051",
                 .for_time = 2h,
                 .acknowledged_ago = 4s,
                 .connects = 2};
  status.samples = {.interval = 1s,
                    .last_ago = 340ms,
                    .taken = 11'520,
                    .acknowledged = 11'516,
                    .queued = 4,
                    .queued_on_disk = 0,
                    .oldest_queued = 3s,
                    .dropped = {{"memory_full", 0}, {"outbox_full", 0}}};
  status.today = {.since = status.time - 3h,
                  .sent_bytes = 1'000'000,
                  .received_bytes = 50'000,
                  .disk_written_bytes = 16'384};
  return status;
}

// The same without its collector.
inline AgentStatus OfflineAgent(Trouble trouble = Trouble::kTcp) {
  using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
  AgentStatus status = HealthyAgent();
  status.link = {.connected = false,
                 .collector = "edge.example:50051",
                 .for_time = 4min + 12s,
                 .attempts = 17,
                 .trouble = trouble,
                 .why = {Code::kUnavailable, "Connection refused"},
                 .next_attempt_in = 12s,
                 .acknowledged_ago = 4min + 15s,
                 .connects = 2};
  return status;
}

}  // namespace edgefeed
