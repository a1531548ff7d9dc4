#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/crash/crash_config.h"
#include "agent/statsd/statsd_config.h"
#include "common/base/endpoint.h"
#include "common/base/result.h"
#include "common/base/units.h"
#include "common/config/environment.h"
#include "common/config/log_level.h"
#include "common/model/series.h"
#include "common/model/tls.h"

namespace edgefeed {

// Where samples wait for the collector: in memory first, then on disk.
struct OutboxConfig {
  Bytes memory_limit = MiB(16);
  Bytes max_size = MiB(64);  // Of the files.
  Bytes min_free = MiB(32);  // Of the file system, which the outbox leaves to others.
  std::chrono::milliseconds sync_every = std::chrono::minutes(1);
  std::uint32_t drain_rate = 500;  // Samples a second; 0: as fast as it goes.
  friend bool operator==(const OutboxConfig&, const OutboxConfig&) = default;
};

// What the connection to the collector costs.
enum class Link { kNormal, kMetered };

// A command that runs for each alert that comes back from the collector.
struct OnAlertConfig {
  std::vector<std::string> command;  // argv, not a shell line; empty means none.
  bool resolved = false;             // Also when an alert is resolved.
  std::chrono::milliseconds timeout = std::chrono::seconds(10);
  std::uint32_t queue = 16;  // Alerts that may wait for the command.
  friend bool operator==(const OnAlertConfig&, const OnAlertConfig&) = default;
};

constexpr std::string_view kDefaultAgentConfig = "/etc/edgefeed/agent.yaml";

// agent.yaml. config/agent.yaml describes every key.
struct AgentConfig {
  std::string service_name;  // Default: the host's name, so there is none before loading.
  Labels labels;
  std::vector<Endpoint> collector_addresses = {{.host = "localhost", .port = 50051}};
  std::optional<TlsFiles> tls;
  bool allow_plaintext = false;
  Link link = Link::kNormal;
  std::chrono::milliseconds sample_interval = std::chrono::seconds(1);
  std::chrono::milliseconds batch_interval{0};  // 0: each sample at once.
  std::filesystem::path state_dir = "/var/lib/edgefeed-agent";
  std::filesystem::path status_socket = "/var/lib/edgefeed-agent/status.sock";  // Empty: none.
  OutboxConfig outbox;
  OnAlertConfig on_alert;
  StatsdConfig statsd;
  CrashConfig crash_dumps;
  Bytes dump_upload_rate = MiB(1);  // A second; 0: as fast as it goes.
  LogLevel log_level = LogLevel::kInfo;
  friend bool operator==(const AgentConfig&, const AgentConfig&) = default;
};

// The configuration that `file` holds. INVALID_ARGUMENT: one line for each thing that is wrong.
Result<AgentConfig> LoadAgentConfig(const std::filesystem::path& file,
                                    const Environment& environment);

// The same for a text that came from `file`; an empty text gives the defaults.
Result<AgentConfig> ParseAgentConfig(std::string_view text, const std::filesystem::path& file,
                                     const Environment& environment);

// Where the agent of this file answers `edgefeed-agent status`, as well as that can be told from a
// file that is missing, or bad: just then somebody asks.
std::filesystem::path StatusSocketOf(const std::filesystem::path& file,
                                     const Environment& environment);

}  // namespace edgefeed
