#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "collector/access/caller_limits.h"
#include "collector/alerts/flap_config.h"
#include "collector/notify/notify_config.h"
#include "collector/remote/remote_config.h"
#include "collector/rpc/connection_gate.h"
#include "collector/rules/rule.h"
#include "common/base/endpoint.h"
#include "common/base/result.h"
#include "common/base/units.h"
#include "common/config/environment.h"
#include "common/config/log_level.h"
#include "common/model/tls.h"

namespace edgefeed {

// The web page, /metrics, /healthz and /readyz.
struct HttpConfig {
  bool enabled = true;  // `http: off` in the file.
  Endpoint listen{.host = "127.0.0.1", .port = 8080};
  std::optional<TlsFiles> tls;
  std::filesystem::path crl;  // Revoked certificates of who looks; empty: there is no list.
  bool allow_plaintext = false;
  std::uint32_t metrics_devices = 10'000;  // Of how many /metrics tells.
  friend bool operator==(const HttpConfig&, const HttpConfig&) = default;
};

// What bounds the collector's memory, whatever devices and clients do.
struct LimitsConfig {
  Bytes payload_size = KiB(256);
  std::uint32_t series_per_device = 2048;
  Bytes feed_rate = KiB(128);  // A second; see FeedLimits.
  std::uint32_t devices = 100'000;
  std::uint32_t subscribers = 10'000;
  ConnectionLimits connections;  // Of gRPC.
  std::uint32_t streams_per_connection = 128;
  CallerLimits callers;
  // How far ahead of the collector's clock a sample's time may be.
  std::chrono::milliseconds future_timestamps = std::chrono::hours(24);
  friend bool operator==(const LimitsConfig&, const LimitsConfig&) = default;
};

struct UploadsConfig {
  Bytes max_file_size = GiB(1);
  Bytes quota = GiB(10);        // Of all files together; never below max_file_size.
  Bytes device_quota = GiB(1);  // Of one device: files here and on their way, kept dumps.
  Bytes device_rate = MiB(2);   // A second, of one device.
  DiskShare min_free = {.bytes = {}, .percent = 10};
  friend bool operator==(const UploadsConfig&, const UploadsConfig&) = default;
};

// Crash dumps of devices, which are uploads as well.
struct DumpsConfig {
  std::chrono::milliseconds keep = std::chrono::hours(30 * 24);
  std::uint32_t per_group = 10;  // Whose bytes are kept.
  std::vector<std::filesystem::path> symbols;
  friend bool operator==(const DumpsConfig&, const DumpsConfig&) = default;
};

// What is told of alerts.
struct AlertsConfig {
  FlapConfig flap;
  friend bool operator==(const AlertsConfig&, const AlertsConfig&) = default;
};

// How long samples are kept, and how much disk they may take.
struct RetentionConfig {
  std::chrono::milliseconds raw = std::chrono::hours(3 * 24);
  std::chrono::milliseconds minute = std::chrono::hours(90 * 24);
  std::chrono::milliseconds hour = std::chrono::hours(730 * 24);
  Bytes max_size = GiB(20);
  friend bool operator==(const RetentionConfig&, const RetentionConfig&) = default;
};

// Operators, and what they prove themselves with besides client certificates.
struct OperatorsConfig {
  std::optional<Endpoint> listen;  // A port of their own; nothing: they use `listen`.
  std::optional<TlsFiles> tls;     // Of that port.
  std::filesystem::path crl;       // Likewise.
  std::filesystem::path tokens;    // Empty: there are none.
  friend bool operator==(const OperatorsConfig&, const OperatorsConfig&) = default;
};

// A port where devices get their certificates.
struct EnrolmentConfig {
  std::optional<Endpoint> listen;   // Nothing: there is none.
  std::filesystem::path authority;  // The directory of the CA that issues them.
  friend bool operator==(const EnrolmentConfig&, const EnrolmentConfig&) = default;
};

// collector.yaml. config/collector.yaml describes every key.
struct CollectorConfig {
  Endpoint listen{.host = "127.0.0.1", .port = 50051};
  std::optional<TlsFiles> tls;
  std::filesystem::path crl;  // Revoked certificates of devices; empty: there is no list.
  bool allow_plaintext = false;
  OperatorsConfig operators;
  EnrolmentConfig enrolment;
  HttpConfig http;
  std::filesystem::path data_dir = "/var/lib/edgefeed-collector";
  std::uint32_t engine_threads = 0;  // 0: one per four cores, at least one.
  std::vector<Rule> rules = {
      ThresholdRule("CPU_HIGH", "cpu_usage", Comparison::kAbove, 90),
      ThresholdRule("MEMORY_HIGH", "memory_mb", Comparison::kAbove, 4096),
  };
  NotifyConfig notify;
  AlertsConfig alerts;
  LimitsConfig limits;
  UploadsConfig uploads;
  DumpsConfig dumps;
  RetentionConfig history;
  std::vector<RemoteWriteConfig> remote_writes;
  // Where agents are sent when the collector stops; empty: they come back here.
  std::vector<Endpoint> drain_to;
  LogLevel log_level = LogLevel::kInfo;
  friend bool operator==(const CollectorConfig&, const CollectorConfig&) = default;
};

// The configuration that `file` holds, with the rules of rules.d/*.yaml beside it.
// INVALID_ARGUMENT: one line for each thing that is wrong.
Result<CollectorConfig> LoadCollectorConfig(const std::filesystem::path& file,
                                            const Environment& environment);

// The same for a text that came from `file`; an empty text gives the defaults.
Result<CollectorConfig> ParseCollectorConfig(std::string_view text,
                                             const std::filesystem::path& file,
                                             const Environment& environment);

}  // namespace edgefeed
