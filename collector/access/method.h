#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "common/model/role.h"

namespace edgefeed {

// Every method of the collector's services, and what its HTTP port shows, in the order of the
// table.
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
  kEnrol,
  kRenew,
  kHttpPage,  // With all of its files, and what is not there.
  kHttpDevices,
  kHttpDevice,
  kHttpStream,
  kHttpMetrics,
};

enum class DeviceMay {
  kNo,
  kAsItself,
  kUnknown  // Also one that has no certificate yet.
};
enum class Audit { kRefusals, kEachCall };

// Of which of its caller's places a call takes one, in the order of kCallerLimitNames.
enum class CallKind {
  kFeed,
  kUpload,
  kReader,  // Is sent one answer after another.
  kBrief,   // Takes none: it is over before that would help anybody.
};

// Who may call a method.
struct MethodRule {
  // As in gRPC, "telemetry.TelemetryService/LiveFeed", or in HTTP, "GET /metrics".
  std::string_view name;
  DeviceMay device = DeviceMay::kNo;
  std::optional<Role> least;  // Of a person; nothing: no person may.
  Audit audit = Audit::kRefusals;
  CallKind kind = CallKind::kBrief;
};

const MethodRule& RuleOf(Method method);
// All, by Method.
std::span<const MethodRule> MethodRules();

}  // namespace edgefeed
