#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/status/agent_status.h"

namespace edgefeed {

// Something that is not as it should be.
struct Finding {
  enum class Level { kWarning, kProblem };  // A problem: nothing arrives, or nothing is measured.

  Level level = Level::kWarning;
  std::string_view about;  // "dns", "tcp" …: TroubleName(); "samples", "drops", "clock" …
  std::string what;
  std::string_view advice;  // Both are literals.
};

// What is wrong with the agent, worst first; empty: it is well.
std::vector<Finding> FindingsOf(const AgentStatus& status);

bool IsHealthy(const std::vector<Finding>& findings);

}  // namespace edgefeed
