#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "agent/app/config.h"
#include "agent/capture/capture.h"
#include "agent/feed/feed.h"
#include "agent/outbox/outbox.h"
#include "agent/status/service_status.h"
#include "agent/upload/uploader.h"

// What a configuration means for the stages.
namespace edgefeed {

// Different series of one device; a machine has 100 to 400. More are left out and counted.
constexpr std::size_t kMaxAgentSeries = 2048;

FeedConfig FeedConfigFor(const AgentConfig& config);

// How long a connection is silent before gRPC itself asks whether it is alive.
std::chrono::milliseconds KeepaliveFor(const AgentConfig& config);

// `since_boot`: how long the device is up.
UploadConfig UploadConfigFor(const AgentConfig& config, std::chrono::milliseconds since_boot);

// Samples that may wait without being late: what ten seconds bring, and what waits for its batch.
std::uint64_t MostWaitingSamples(const AgentConfig& config);

OutboxLimits OutboxLimitsFor(const AgentConfig& config);

ServiceStatusConfig ServiceStatusFor(const AgentConfig& config);

CaptureLimits CaptureLimitsFor(const AgentConfig& config);

}  // namespace edgefeed
