#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/model/series.h"

// What edgefeedctl asks of a collector about alerts.
namespace edgefeed {

enum class AlertPhase { kFiring, kNoData, kResolved };

// An alert that fires, or an entry of the history of alerts.
struct AlertEntry {
  std::string id;
  std::string device;
  std::string rule;
  Series series;
  AlertPhase phase = AlertPhase::kFiring;
  std::string severity;
  std::string message;
  WallTime started;
  std::string change;      // Of an entry of the history: "fired".
  WallTime at;             // The same: when. Else when it was last heard of.
  std::string suppressed;  // Why operators are not told: "silenced". Empty: they are.
  std::string acknowledged_by;
  std::string comment;  // Of the acknowledgement.
  bool late = false;
  std::string json;  // As in DeviceEntry.
};

struct SilenceMatch {
  std::string field;
  std::string relation;  // "=", "!=" or "=~".
  std::string value;
};

struct SilenceEntry {
  std::uint64_t number = 0;
  std::vector<SilenceMatch> matches;
  std::string author;
  std::string comment;
  WallTime created;
  WallTime expires;
  std::string window;
  bool holds = false;
  std::string json;
};

struct AlertPastQuery {
  std::string device;  // Empty: all.
  std::string rule;    // Empty: all.
  WallTime from;
  WallTime to;
  std::uint32_t limit = 0;
};

// One by its id, or its first digits; or those of a rule on a device.
struct AlertName {
  std::string id;
  std::string device;
  std::string rule;
};

struct AcknowledgeRequestEntry {
  AlertName alert;
  std::string author;
  std::string comment;
  std::optional<WallTime> expires;
};

// Blocking calls. Errors say what the user can do.
class AlertClient {
 public:
  virtual ~AlertClient() = default;
  // Empty: of all devices, of any severity.
  virtual Result<std::vector<AlertEntry>> ListAlerts(const std::string& device,
                                                     const std::string& severity) = 0;
  // Those that fire, and then each that changes, until the collector ends it: with the reason.
  virtual Error WatchAlerts(const std::string& device,
                            const std::function<void(const AlertEntry&)>& take) = 0;
  // Newest first.
  virtual Result<std::vector<AlertEntry>> ListAlertHistory(const AlertPastQuery& query) = 0;
  virtual Result<SilenceEntry> AddSilence(const SilenceEntry& silence) = 0;
  virtual Result<std::vector<SilenceEntry>> ListSilences() = 0;
  virtual Result<SilenceEntry> ExpireSilence(std::uint64_t number) = 0;
  // The alerts that it was about.
  virtual Result<std::vector<AlertEntry>> Acknowledge(const AcknowledgeRequestEntry& request) = 0;
  virtual Result<std::vector<AlertEntry>> Unacknowledge(const AlertName& alert) = 0;
};

}  // namespace edgefeed
