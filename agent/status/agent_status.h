#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/base/units.h"
#include "common/model/clock_trust.h"
#include "common/model/trouble.h"

namespace edgefeed {

// The way to the collector: connected, or why not.
struct LinkStatus {
  bool connected = false;
  std::string collector;                  // HOST:PORT of this connection, or of the last try.
  std::chrono::milliseconds for_time{0};  // Connected, or not connected, so long.
  std::uint64_t attempts = 0;             // Since it is not connected.
  std::optional<Trouble> trouble;         // How the last attempt ended; nothing: none has yet.
  Error why;                              // Its words.
  std::optional<std::chrono::milliseconds> next_attempt_in;   // Nothing: one is under way.
  std::optional<std::chrono::milliseconds> acknowledged_ago;  // Nothing: never in this run.
  std::uint64_t connects = 0;
};

struct SamplesStatus {
  std::chrono::milliseconds interval{0};
  std::optional<std::chrono::milliseconds> last_ago;  // Nothing: none was taken yet.
  std::uint64_t taken = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t queued = 0;
  std::uint64_t queued_on_disk = 0;
  std::optional<std::chrono::milliseconds> oldest_queued;  // Its age, about; nothing: unknown.
  // By reason, as the metric agent_samples_dropped_total has them.
  std::vector<std::pair<std::string_view, std::uint64_t>> dropped;
};

struct DumpsStatus {
  std::uint64_t waiting = 0;
  Bytes bytes;
  std::uint64_t quarantined = 0;
  std::uint64_t delivered = 0;
};

// What applications send (StatsD).
struct ApplicationsStatus {
  std::size_t series = 0;
  std::uint64_t lines = 0;  // Taken.
  // Lines that were not: of each application and reason that has any, as the metric
  // agent_statsd_dropped_total has them.
  struct Dropped {
    std::string application;
    std::string_view reason;
    std::uint64_t lines = 0;
  };
  std::vector<Dropped> dropped;
  std::uint64_t lost_datagrams = 0;
  std::vector<std::string> errors;  // Why applications cannot send.
};

struct CertificateStatus {
  std::filesystem::path file;
  WallTime not_before;
  WallTime not_after;
};

// What is counted since `since`: midnight (UTC), or the agent's start if that came later.
struct TodayStatus {
  WallTime since;
  std::uint64_t sent_bytes = 0;  // On the link, with headers, as of the last sample.
  std::uint64_t received_bytes = 0;
  std::optional<std::uint64_t> disk_written_bytes;
};

struct ReloadStatus {
  std::chrono::milliseconds ago{0};
  std::optional<std::string> error;  // Why it was refused; nothing: it is in force.
};

// The agent at one moment, for whoever asks at the device.
struct AgentStatus {
  std::string device;
  std::string version;
  std::filesystem::path config;
  std::int64_t pid = 0;
  std::chrono::milliseconds uptime{0};
  std::optional<std::uint64_t> resident_bytes;  // As of the last sample.
  WallTime time;                                // As well as it is known.
  ClockTrust clock = ClockTrust::kUnknown;
  std::chrono::milliseconds system_clock_ahead{0};  // Of the best known time.
  LinkStatus link;
  SamplesStatus samples;
  std::uint64_t alerts_received = 0;
  std::uint64_t alerts_skipped = 0;
  DumpsStatus dumps;
  std::optional<ApplicationsStatus> applications;  // Nothing: they are not listened to.
  std::optional<CertificateStatus> certificate;    // The device's own; its CA's.
  std::optional<CertificateStatus> ca;
  bool uses_tls = false;
  TodayStatus today;
  std::optional<ReloadStatus> reload;  // The last one.
};

}  // namespace edgefeed
