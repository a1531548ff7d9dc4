#pragma once

#include <string>
#include <string_view>

#include "agent/status/agent_status.h"

namespace edgefeed {

// For people: what is wrong and what to do about it, then everything else. Plain ASCII.
std::string StatusText(const AgentStatus& status);

// For programs: one object on one line. docs/AGENT_STATUS.md describes the keys, which stay.
std::string StatusJson(const AgentStatus& status);

// What the agent's socket answers: the JSON on its first line, and the text.
std::string StatusAnswer(const AgentStatus& status);

struct ReceivedStatus {
  std::string_view json;  // Without its newline.
  std::string_view text;
  bool is_healthy = false;
};
// Its parts; views into `answer`.
ReceivedStatus ParseStatusAnswer(std::string_view answer);

// The text for a terminal, with its first words in colour.
std::string InColour(std::string_view text);

}  // namespace edgefeed
