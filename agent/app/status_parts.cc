#include "agent/app/status_parts.h"

#include <algorithm>
#include <vector>

namespace edgefeed {
namespace {

using std::chrono::milliseconds;

// What claims to be older was dated by a clock that had never been set.
constexpr std::chrono::days kOldest{365};

milliseconds Between(SteadyTime from, SteadyTime to) {
  return std::chrono::duration_cast<milliseconds>(to - from);
}

std::optional<milliseconds> OldestOf(const OutboxCounts& counts, SteadyTime now, WallTime time) {
  if (counts.oldest_on_disk) {
    const milliseconds age = time - *counts.oldest_on_disk;
    return age >= milliseconds(0) && age < kOldest ? std::optional(age) : std::nullopt;
  }
  if (counts.oldest_in_memory) return Between(*counts.oldest_in_memory, now);
  return std::nullopt;
}

}  // namespace

LinkStatus LinkStatusOf(const FeedStatus& feed, SteadyTime now) {
  LinkStatus link{.connected = feed.connected,
                  .collector = ToString(feed.collector),
                  .for_time = Between(feed.since, now),
                  .attempts = feed.attempts};
  if (feed.last_failure) {
    link.trouble = feed.last_failure->trouble;
    link.why = feed.last_failure->why;
  }
  if (feed.next_attempt) link.next_attempt_in = Between(now, *feed.next_attempt);
  return link;
}

void Describe(const OutboxCounts& counts, SteadyTime now, WallTime time, AgentStatus& status) {
  SamplesStatus& samples = status.samples;
  samples.taken = counts.collected;
  samples.acknowledged = counts.acknowledged;
  samples.queued = counts.queued;
  samples.queued_on_disk = counts.queued_on_disk;
  samples.oldest_queued = OldestOf(counts, now, time);
  samples.dropped = {{"memory_full", counts.dropped_memory_full},
                     {"outbox_full", counts.disk.dropped_outbox_full},
                     {"disk_full", counts.disk.dropped_disk_full},
                     {"damaged", counts.disk.dropped_damaged},
                     {"rejected", counts.dropped_rejected}};
  if (counts.last_acknowledged) {
    status.link.acknowledged_ago = Between(*counts.last_acknowledged, now);
  }
}

std::optional<ApplicationsStatus> ApplicationsStatusOf(const StatsdCounts& statsd) {
  if (!statsd.used) return std::nullopt;
  ApplicationsStatus status{
      .series = statsd.series, .lost_datagrams = statsd.lost_datagrams, .errors = statsd.errors};
  for (const StatsdApplicationCounts& application : statsd.applications) {
    status.lines += application.lines;
    for (std::size_t reason = 0; reason < kStatsdDropNames.size(); ++reason) {
      const std::uint64_t lines = application.dropped.at(reason);
      if (lines == 0) continue;
      status.dropped.push_back({application.name, kStatsdDropNames.at(reason), lines});
    }
  }
  return status;
}

std::optional<CertificateStatus> CertificateStatusOf(const std::filesystem::path& file,
                                                     const std::optional<CertificateLife>& life) {
  if (!life) return std::nullopt;
  return CertificateStatus{file, life->not_before, life->not_after};
}

}  // namespace edgefeed
