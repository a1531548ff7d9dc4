#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "common/model/series.h"
#include "common/model/severity.h"
#include "common/model/tls.h"

namespace edgefeed {

// How many addresses there may be in all: each costs a thread.
constexpr std::size_t kMaxNotifyTargets = 16;

// Which notifications. What is empty is no condition.
struct NotificationMatch {
  std::vector<Severity> severities;
  std::vector<std::string> rules;    // Names; * stands for any letters, ? for one.
  std::vector<std::string> devices;  // The same.
  Labels labels;                     // Which the device must have, among others,
  Labels series_labels;              // and which the series must have.
  friend bool operator==(const NotificationMatch&, const NotificationMatch&) = default;
};

// Any web server.
struct WebhookConfig {
  std::string url;
  std::filesystem::path secret_file;  // Empty: requests are not signed.
  friend bool operator==(const WebhookConfig&, const WebhookConfig&) = default;
};

// The Alertmanagers of one cluster: each of them is told everything.
struct AlertmanagerConfig {
  std::vector<std::string> urls;  // Without /api/v2/alerts.
  friend bool operator==(const AlertmanagerConfig&, const AlertmanagerConfig&) = default;
};

struct ReceiverConfig {
  std::string name;
  std::variant<WebhookConfig, AlertmanagerConfig> kind;
  TlsFiles tls;                               // For https. No `ca`: whom the system believes.
  std::chrono::milliseconds timeout{10'000};  // Of one request.
  NotificationMatch match;
  bool repeats = false;  // Whether it is told again while an alert fires.
  friend bool operator==(const ReceiverConfig&, const ReceiverConfig&) = default;
};

struct NotifyConfig {
  std::vector<ReceiverConfig> receivers;
  friend bool operator==(const NotifyConfig&, const NotifyConfig&) = default;
};

}  // namespace edgefeed
