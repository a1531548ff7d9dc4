#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "common/model/role.h"

namespace edgefeed {

// Every method of the collector's services, in the order of the table.
enum class Method {
  kLiveFeed,
  kGetSnapshot,
  kSubscribe,
  kUpload,
  kBeginUpload,
  kQueryUpload,
  kAbortUpload,
  kListDevices,
  kGetHistory,
  kListSeries,
  kBackup,
  kListAlerts,
  kWatchAlerts,
  kListAlertHistory,
  kAddSilence,
  kListSilences,
  kExpireSilence,
  kAcknowledge,
  kUnacknowledge,
  kListDumpGroups,
  kListDumps,
  kGetDump,
  kDownloadDump,
  kRemoveDumps,
};

enum class DeviceMay { kNo, kAsItself };
enum class Audit { kRefusals, kEachCall };

// Who may call a method.
struct MethodRule {
  std::string_view name;  // As in gRPC: "telemetry.TelemetryService/LiveFeed".
  DeviceMay device = DeviceMay::kNo;
  std::optional<Role> least;  // Of a person; nothing: no person may.
  Audit audit = Audit::kRefusals;
};

const MethodRule& RuleOf(Method method);
// All, by Method.
std::span<const MethodRule> MethodRules();

}  // namespace edgefeed
