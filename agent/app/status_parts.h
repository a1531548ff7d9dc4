#pragma once

#include <filesystem>
#include <optional>

#include "agent/feed/feed.h"
#include "agent/outbox/outbox.h"
#include "agent/statsd/statsd_counts.h"
#include "agent/status/agent_status.h"
#include "common/pki/pem.h"

// What stages know, as `edgefeed-agent status` tells it.
namespace edgefeed {

LinkStatus LinkStatusOf(const FeedStatus& feed, SteadyTime now);

// Adds what the outbox knows of samples. `time`: what time it is `now`.
void Describe(const OutboxCounts& counts, SteadyTime now, WallTime time, AgentStatus& status);

// Nothing when applications are not listened to.
std::optional<ApplicationsStatus> ApplicationsStatusOf(const StatsdCounts& statsd);

// Nothing when there is no such file.
std::optional<CertificateStatus> CertificateStatusOf(const std::filesystem::path& file,
                                                     const std::optional<CertificateLife>& life);

}  // namespace edgefeed
