#include "agent/app/stage_settings.h"

#include <algorithm>
#include <random>

#include "agent/rpc/grpc_transport.h"
#include "common/runtime/service_notify.h"

namespace edgefeed {

FeedConfig FeedConfigFor(const AgentConfig& config) {
  FeedConfig feed;
  feed.collectors = config.collector_addresses;
  feed.backoff_seed = std::random_device{}();
  feed.delivery.drain_rate = config.outbox.drain_rate;
  feed.delivery.batch_interval = config.batch_interval;
  if (config.link == Link::kMetered) {
    feed.delivery.speaks_every = std::chrono::minutes(10);
    feed.dead_after = std::chrono::minutes(12);
    feed.ack_timeout = std::chrono::minutes(5);
  }
  return feed;
}

// On a metered link each ping is paid for: with the feed's own a month costs less than 3 MB.
std::chrono::milliseconds KeepaliveFor(const AgentConfig& config) {
  return config.link == Link::kMetered ? std::chrono::minutes(30) : GrpcTransport::kKeepalive;
}

UploadConfig UploadConfigFor(const AgentConfig& config, std::chrono::milliseconds since_boot) {
  UploadConfig upload;
  upload.collectors = config.collector_addresses;
  upload.rate = config.dump_upload_rate;
  upload.seed = std::random_device{}();
  if (config.link == Link::kMetered) upload.allowed = DumpsAllowed::kDescriptions;
  // A power failure that ends makes a fleet boot together, perhaps each device with a dump.
  if (since_boot < std::chrono::minutes(2)) upload.first_wait = std::chrono::minutes(1);
  return upload;
}

std::uint64_t MostWaitingSamples(const AgentConfig& config) {
  constexpr std::uint64_t kLeast = 10;
  const auto time = std::chrono::seconds(10) + config.batch_interval;
  return std::max(kLeast, static_cast<std::uint64_t>(time / config.sample_interval));
}

OutboxLimits OutboxLimitsFor(const AgentConfig& config) {
  OutboxLimits limits{
      .memory = config.outbox.memory_limit,
      .disk = {.max_size = config.outbox.max_size, .min_free = config.outbox.min_free},
      .sync_every = config.outbox.sync_every};
  // What waits for its batch is not late: on disk it would be backlog, and raise no alert.
  limits.spill_after += config.batch_interval;
  return limits;
}

// A feed in trouble turns each minute, but for a collector that asked for a pause; a quiet one each
// time that it asks for a sign of life.
ServiceStatusConfig ServiceStatusFor(const AgentConfig& config) {
  const FeedConfig feed = FeedConfigFor(config);
  return {
      .watchdog = ServiceWatchdog(),
      .sample_within = 2 * config.sample_interval + std::chrono::seconds(30),
      .feed_turn_within = feed.dead_after + feed.delivery.speaks_every + std::chrono::minutes(10)};
}

CaptureLimits CaptureLimitsFor(const AgentConfig& config) {
  return {.mode = config.crash_dumps.mode,
          .full = config.crash_dumps.full_limit,
          .min_free = config.crash_dumps.min_free,
          .waiting = config.crash_dumps.max_size};
}

}  // namespace edgefeed
