#pragma once

#include <chrono>
#include <cstddef>

#include "agent/app/config.h"
#include "agent/feed/feed.h"
#include "agent/outbox/outbox.h"

// What a configuration means for the stages.
namespace edgefeed {

// Different series of one device; a machine has 100 to 400. More are left out and counted.
constexpr std::size_t kMaxAgentSeries = 2048;

FeedConfig FeedConfigFor(const AgentConfig& config);

// How long a connection is silent before gRPC itself asks whether it is alive.
std::chrono::milliseconds KeepaliveFor(const AgentConfig& config);

OutboxLimits OutboxLimitsFor(const AgentConfig& config);

}  // namespace edgefeed
