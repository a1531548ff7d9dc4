#pragma once

#include <filesystem>
#include <optional>

#include "agent/feed/feed.h"
#include "agent/outbox/outbox.h"
#include "agent/statsd/statsd_counts.h"
#include "agent/status/agent_status.h"

// What stages know, as `edgefeed-agent status` tells it.
namespace edgefeed {

LinkStatus LinkStatusOf(const FeedStatus& feed, SteadyTime now);

// Adds what the outbox knows of samples. `time`: what time it is `now`.
void Describe(const OutboxCounts& counts, SteadyTime now, WallTime time, AgentStatus& status);

// Nothing when applications are not listened to.
std::optional<ApplicationsStatus> ApplicationsStatusOf(const StatsdCounts& statsd);

// The certificate of this file that ends first: without any of a chain the chain is no good.
// Nothing when there is none.
std::optional<CertificateStatus> OwnCertificate(const std::filesystem::path& file);
// The one that ends last: while one of several authorities is good, a collector can be believed.
std::optional<CertificateStatus> Authority(const std::filesystem::path& file);

}  // namespace edgefeed
