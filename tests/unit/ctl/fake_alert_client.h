#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ctl/alert_client.h"

namespace edgefeed {

// A collector with what the test has given it; remembers what it was asked.
class FakeAlertClient final : public AlertClient {
 public:
  Result<std::vector<AlertEntry>> ListAlerts(const std::string& device,
                                             const std::string& severity) override {
    asked_device = device;
    asked_severity = severity;
    return alerts;
  }
  Error WatchAlerts(const std::string& device,
                    const std::function<void(const AlertEntry&)>& take) override {
    asked_device = device;
    for (const AlertEntry& alert : alerts) take(alert);
    return {Code::kUnavailable, "the collector ended the stream"};
  }
  Result<std::vector<AlertEntry>> ListAlertHistory(const AlertPastQuery& query) override {
    asked_past = query;
    return alerts;
  }
  Result<SilenceEntry> AddSilence(const SilenceEntry& silence) override {
    added = silence;
    added->number = 7;
    return *added;
  }
  Result<std::vector<SilenceEntry>> ListSilences() override { return silences; }
  Result<SilenceEntry> ExpireSilence(std::uint64_t number) override {
    expired.push_back(number);
    return SilenceEntry{.number = number};
  }
  Result<std::vector<AlertEntry>> Acknowledge(const AcknowledgeRequestEntry& request) override {
    acknowledged = request;
    return alerts;
  }
  Result<std::vector<AlertEntry>> Unacknowledge(const AlertName& alert) override {
    unacknowledged = alert;
    return alerts;
  }

  std::vector<AlertEntry> alerts;
  std::vector<SilenceEntry> silences;
  std::string asked_device;
  std::string asked_severity;
  std::optional<AlertPastQuery> asked_past;
  std::optional<SilenceEntry> added;
  std::vector<std::uint64_t> expired;
  std::optional<AcknowledgeRequestEntry> acknowledged;
  std::optional<AlertName> unacknowledged;
};

}  // namespace edgefeed
