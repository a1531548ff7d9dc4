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

TEST_CASE("dumps go at the configured rate, over a metered link only what is known of them") {
  AgentConfig config;
  config.dump_upload_rate = MiB(3);
  CHECK(UploadConfigFor(config, 1h).rate == MiB(3));
  CHECK(UploadConfigFor(config, 1h).allowed == DumpsAllowed::kAll);
  config.link = Link::kMetered;
  CHECK(UploadConfigFor(config, 1h).allowed == DumpsAllowed::kDescriptions);
}

TEST_CASE("the first dump of a device that has just booted comes at some moment of a minute") {
  CHECK(UploadConfigFor({}, 30s).first_wait == 1min);
  CHECK(UploadConfigFor({}, 1h).first_wait == 0ms);
}

TEST_CASE("samples are late for dumps when more than ten seconds of them wait") {
  AgentConfig config;
  config.sample_interval = 100ms;
  CHECK(MostWaitingSamples(config) == 100);
  config.batch_interval = 1min;
  CHECK(MostWaitingSamples(config) == 700);
  config.sample_interval = 1h;
  CHECK(MostWaitingSamples(config) == 10);
}

TEST_CASE("samples that wait for their batch are not written to disk for that") {
  AgentConfig config;
  CHECK(OutboxLimitsFor(config).spill_after == 10s);
  config.batch_interval = 1min;
  CHECK(OutboxLimitsFor(config).spill_after == 70s);
}

}  // namespace edgefeed
