#include "agent/app/agent_kernel.h"

#include "common/model/metrics.h"

namespace edgefeed {
namespace {

void AddStatsd(const StatsdCounts& statsd, MachineState& state) {
  if (!statsd.used) return;
  state.Add(metrics::kAgentStatsdSeries, static_cast<double>(statsd.series));
  state.Add(metrics::kAgentStatsdMemory, static_cast<double>(statsd.memory_bytes));
  state.Add(metrics::kAgentStatsdDatagramsLost, static_cast<double>(statsd.lost_datagrams));
  for (const StatsdApplicationCounts& application : statsd.applications) {
    state.Add(metrics::kAgentStatsdLines, static_cast<double>(application.lines),
              {{"application", application.name}});
    for (std::size_t reason = 0; reason < kStatsdDropNames.size(); ++reason) {
      if (application.dropped.at(reason) == 0) continue;
      state.Add(metrics::kAgentStatsdDropped, static_cast<double>(application.dropped.at(reason)),
                {{"application", application.name},
                 {"reason", std::string(kStatsdDropNames.at(reason))}});
    }
  }
}

// To the hour: what seldom changes costs next to nothing on the way.
void AddCertificate(const AgentCounts& agent, MachineState& state) {
  if (!agent.certificate_left) return;
  using std::chrono::hours;
  const auto left = std::chrono::floor<hours>(*agent.certificate_left);
  state.Add(metrics::kAgentCertificateExpires, std::chrono::duration<double>(left).count());
  state.Add(metrics::kAgentTlsRenewalsRefused, static_cast<double>(agent.tls_refused));
}

}  // namespace

MachineState AgentKernel::Read() {
  MachineState state = machine_.Read();
  const auto add = [&state](const MetricInfo& metric, std::uint64_t value, Labels labels = {}) {
    state.readings.push_back({&metric, std::move(labels), static_cast<double>(value)});
  };
  const AgentCounts agent = counts_();
  const OutboxCounts& counts = agent.outbox;
  add(metrics::kAgentSamplesCollected, counts.collected);
  add(metrics::kAgentSamplesAcknowledged, counts.acknowledged);
  add(metrics::kAgentSamplesQueued, counts.queued);
  add(metrics::kAgentSamplesRecovered, counts.disk.recovered);
  add(metrics::kAgentSamplesDropped, counts.dropped_memory_full, {{"reason", "memory_full"}});
  add(metrics::kAgentSamplesDropped, counts.disk.dropped_outbox_full, {{"reason", "outbox_full"}});
  add(metrics::kAgentSamplesDropped, counts.disk.dropped_disk_full, {{"reason", "disk_full"}});
  add(metrics::kAgentSamplesDropped, counts.disk.dropped_damaged, {{"reason", "damaged"}});
  add(metrics::kAgentSamplesDropped, counts.dropped_rejected, {{"reason", "rejected"}});
  add(metrics::kAgentOutboxDiskSize, counts.disk_size.count);
  add(metrics::kAgentOutboxWritten, counts.disk.bytes_written);
  add(metrics::kAgentFeedConnects, agent.feed_connects);
  add(metrics::kAgentAlertsSkipped, agent.alerts_skipped);
  AddCertificate(agent, state);
  for (const BootReason reason : kBootReasons) {
    add(metrics::kBoots, agent.boots.at(static_cast<std::size_t>(reason)),
        {{"reason", std::string(BootReasonName(reason))}});
  }
  if (agent.offline) {
    state.Add(metrics::kBootOffline, std::chrono::duration<double>(*agent.offline).count());
  }
  const DumpCounts& dumps = agent.dumps;
  add(metrics::kAgentDumpsWaiting, dumps.spool.waiting);
  add(metrics::kAgentDumpsBytes, dumps.spool.bytes);
  add(metrics::kAgentDumpsQuarantined, dumps.spool.quarantined);
  add(metrics::kAgentDumpsTaken, dumps.pickup.taken);
  add(metrics::kAgentDumpsSuppressed, dumps.pickup.suppressed);
  add(metrics::kAgentDumpsDelivered, dumps.spool.delivered);
  for (const auto& [reason, count] : dumps.spool.dropped) {
    add(metrics::kAgentDumpsDropped, count, {{"reason", reason}});
  }
  for (const auto& [reason, count] : dumps.pickup.skipped) {
    add(metrics::kAgentDumpsSkipped, count, {{"reason", reason}});
  }
  AddStatsd(agent.statsd, state);
  return state;
}

}  // namespace edgefeed
