#include "agent/app/agent_kernel.h"

#include <doctest/doctest.h>

#include <map>

#include "common/model/metrics.h"
#include "tests/support/fake_kernel.h"

namespace edgefeed {

TEST_CASE("the agent's own counts follow the machine's readings, and balance") {
  FakeKernel machine;
  machine.state.Add(metrics::kLoad1, 0.5);
  AgentCounts counts{.feed_connects = 3, .alerts_skipped = 2};
  counts.outbox.collected = 100;
  counts.outbox.acknowledged = 60;
  counts.outbox.queued = 25;
  counts.outbox.dropped_memory_full = 4;
  counts.outbox.dropped_rejected = 1;
  counts.outbox.disk = {.recovered = 10, .dropped_outbox_full = 15, .dropped_damaged = 5};
  counts.dumps = {.spool = {.waiting = 5,
                            .bytes = 1000,
                            .quarantined = 1,
                            .delivered = 7,
                            .dropped = {{"evicted", 2}, {"expired", 3}}},
                  .pickup = {.taken = 12, .suppressed = 90, .skipped = {{"symlink", 4}}}};
  counts.statsd = {.used = true,
                   .applications = {{.name = "camera", .lines = 30, .dropped = {1, 0, 0, 4}},
                                    {.name = "other", .lines = 3}},
                   .series = 11,
                   .memory_bytes = 5000,
                   .lost_datagrams = 9};
  counts.boots = {1, 12, 2, 0, 0, 0, 3};
  counts.certificate_left = std::chrono::minutes(23 * 60 + 59);
  counts.tls_refused = 6;
  counts.offline = std::chrono::milliseconds(192'500);
  AgentKernel kernel(machine, [&] { return counts; });

  std::map<std::string_view, double> sums;
  for (const MachineReading& reading : kernel.Read().readings) {
    sums[reading.metric->name] += reading.value;
  }

  CHECK(sums.at("load1") == 0.5);
  CHECK(sums.at("agent_feed_connects_total") == 3);
  CHECK(sums.at("agent_alerts_skipped_total") == 2);
  CHECK(sums.at("agent_certificate_expires_seconds") == 23 * 3600);
  CHECK(sums.at("agent_tls_renewals_refused_total") == 6);
  CHECK(sums.at("agent_samples_dropped_total") == 25);
  CHECK(sums.at("agent_dumps_waiting") == 5);
  CHECK(sums.at("agent_dumps_bytes") == 1000);
  CHECK(sums.at("agent_dumps_quarantined") == 1);
  CHECK(sums.at("agent_dumps_delivered_total") == 7);
  CHECK(sums.at("agent_dumps_dropped_total") == 5);
  CHECK(sums.at("agent_dumps_taken_total") == 12);
  CHECK(sums.at("agent_dumps_suppressed_total") == 90);
  CHECK(sums.at("agent_dumps_skipped_total") == 4);
  CHECK(sums.at("agent_statsd_lines_total") == 33);
  CHECK(sums.at("agent_statsd_dropped_total") == 5);
  CHECK(sums.at("agent_statsd_series") == 11);
  CHECK(sums.at("agent_statsd_memory_bytes") == 5000);
  CHECK(sums.at("agent_statsd_datagrams_lost_total") == 9);
  CHECK(sums.at("boots_total") == 18);
  CHECK(sums.at("boot_offline_seconds") == 192.5);
  CHECK(sums.at("agent_samples_collected_total") + sums.at("agent_samples_recovered_total") ==
        sums.at("agent_samples_acknowledged_total") + sums.at("agent_samples_queued") +
            sums.at("agent_samples_dropped_total"));
}

TEST_CASE("an agent that listens to no application has no counts of any") {
  FakeKernel machine;
  AgentKernel kernel(machine, [] { return AgentCounts{}; });
  for (const MachineReading& reading : kernel.Read().readings) {
    CHECK_FALSE(reading.metric->name.starts_with("agent_statsd"));
  }
}

}  // namespace edgefeed
