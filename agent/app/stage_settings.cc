#include "agent/app/stage_settings.h"

#include <random>

#include "agent/rpc/grpc_transport.h"

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

OutboxLimits OutboxLimitsFor(const AgentConfig& config) {
  OutboxLimits limits{
      .memory = config.outbox.memory_limit,
      .disk = {.max_size = config.outbox.max_size, .min_free = config.outbox.min_free},
      .sync_every = config.outbox.sync_every};
  // What waits for its batch is not late: on disk it would be backlog, and raise no alert.
  limits.spill_after += config.batch_interval;
  return limits;
}

}  // namespace edgefeed
