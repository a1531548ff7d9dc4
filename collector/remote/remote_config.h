#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/http/http_client.h"
#include "common/model/series.h"
#include "common/model/tls.h"

namespace edgefeed {

// Each has a thread of its own, and in memory what the log's encoder has.
constexpr std::size_t kMaxRemoteWrites = 8;

// The label with a device's name. Not `device`, which is what network interfaces and disks have.
constexpr std::string_view kRemoteDeviceLabel = "edgefeed_device";

// A store that everything is written to, by Prometheus' remote write protocol.
struct RemoteWriteConfig {
  std::string name;  // Of its cursor, in metrics and in the log.
  std::string url;
  std::filesystem::path bearer_token_file;  // Or empty. Read for each request.
  std::string user;                         // Of basic authentication; empty: none.
  std::filesystem::path password_file;      // Likewise.
  std::vector<HttpHeader> headers;          // Besides the protocol's own.
  TlsFiles tls;
  Labels labels;                     // Of every series. Without kRemoteDeviceLabel.
  std::uint32_t batch_size = 10000;  // Values in one request, at most.
  // While less than that waits, so long is the time between requests.
  std::chrono::milliseconds batch_interval{5000};
  std::chrono::milliseconds timeout{30000};  // Of a request.
  friend bool operator==(const RemoteWriteConfig&, const RemoteWriteConfig&) = default;
};

}  // namespace edgefeed
