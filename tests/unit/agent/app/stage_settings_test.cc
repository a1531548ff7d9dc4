#include "agent/app/stage_settings.h"

#include <doctest/doctest.h>

namespace edgefeed {

using namespace std::chrono_literals;

TEST_CASE("a metered link is asked for signs of life rarely, and given up late") {
  AgentConfig config;
  CHECK(FeedConfigFor(config).delivery.speaks_every == 15s);
  CHECK(FeedConfigFor(config).ack_timeout == 30s);
  config.link = Link::kMetered;
  CHECK(FeedConfigFor(config).delivery.speaks_every == 10min);
  CHECK(FeedConfigFor(config).ack_timeout == 5min);
  CHECK(KeepaliveFor(config) == 30min);
}

TEST_CASE("samples that wait for their batch are not written to disk for that") {
  AgentConfig config;
  CHECK(OutboxLimitsFor(config).spill_after == 10s);
  config.batch_interval = 1min;
  CHECK(OutboxLimitsFor(config).spill_after == 70s);
}

}  // namespace edgefeed
