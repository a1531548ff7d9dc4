#include "collector/access/method.h"

#include <array>

namespace edgefeed {
namespace {

constexpr auto kNo = DeviceMay::kNo;
constexpr auto kItself = DeviceMay::kAsItself;
constexpr auto kViewer = Role::kViewer;
constexpr auto kOperator = Role::kOperator;
constexpr auto kAdmin = Role::kAdmin;
constexpr auto kRefused = Audit::kRefusals;
constexpr auto kEach = Audit::kEachCall;
constexpr auto kReader = CallKind::kReader;

constexpr std::array kMethods = {
    MethodRule{"telemetry.TelemetryService/LiveFeed", kItself, std::nullopt, kRefused,
               CallKind::kFeed},
    MethodRule{"telemetry.TelemetryService/GetSnapshot", kItself, kViewer},
    MethodRule{"telemetry.TelemetryService/Subscribe", kItself, kViewer, kRefused, kReader},
    MethodRule{"fileupload.FileUploadService/Upload", kItself, kOperator, kRefused,
               CallKind::kUpload},
    MethodRule{"fileupload.FileUploadService/BeginUpload", kItself, kOperator},
    MethodRule{"fileupload.FileUploadService/QueryUpload", kItself, kOperator},
    MethodRule{"fileupload.FileUploadService/AbortUpload", kItself, kOperator},
    MethodRule{"edgefeed.FleetService/ListDevices", kNo, kViewer, kRefused, kReader},
    MethodRule{"edgefeed.FleetService/GetHistory", kItself, kViewer, kRefused, kReader},
    MethodRule{"edgefeed.FleetService/ListSeries", kItself, kViewer, kRefused, kReader},
    MethodRule{"edgefeed.FleetService/Backup", kNo, kAdmin, kEach, kReader},
    MethodRule{"edgefeed.AlertService/ListAlerts", kNo, kViewer, kRefused, kReader},
    MethodRule{"edgefeed.AlertService/WatchAlerts", kNo, kViewer, kRefused, kReader},
    MethodRule{"edgefeed.AlertService/ListAlertHistory", kNo, kViewer, kRefused, kReader},
    MethodRule{"edgefeed.AlertService/AddSilence", kNo, kOperator, kEach},
    MethodRule{"edgefeed.AlertService/ListSilences", kNo, kViewer, kRefused, kReader},
    MethodRule{"edgefeed.AlertService/ExpireSilence", kNo, kOperator, kEach},
    MethodRule{"edgefeed.AlertService/Acknowledge", kNo, kOperator, kEach},
    MethodRule{"edgefeed.AlertService/Unacknowledge", kNo, kOperator, kEach},
    MethodRule{"dumps.DumpService/ListDumpGroups", kNo, kViewer, kRefused, kReader},
    MethodRule{"dumps.DumpService/ListDumps", kNo, kViewer, kRefused, kReader},
    MethodRule{"dumps.DumpService/GetDump", kNo, kViewer},
    MethodRule{"dumps.DumpService/DownloadDump", kNo, kOperator, kEach, kReader},
    MethodRule{"dumps.DumpService/RemoveDumps", kNo, kOperator, kEach},
    MethodRule{"edgefeed.Enrolment/Enrol", DeviceMay::kUnknown, std::nullopt},
    MethodRule{"edgefeed.Enrolment/Renew", kItself, std::nullopt},
    MethodRule{"GET /", kNo, kViewer},
    MethodRule{"GET /api/v1/devices", kNo, kViewer},
    MethodRule{"GET /api/v1/devices/NAME", kNo, kViewer},
    MethodRule{"GET /api/v1/stream", kNo, kViewer},
    MethodRule{"GET /metrics", kNo, kViewer},
};
static_assert(static_cast<std::size_t>(Method::kHttpMetrics) + 1 == kMethods.size());

}  // namespace

const MethodRule& RuleOf(Method method) { return kMethods[static_cast<std::size_t>(method)]; }

std::span<const MethodRule> MethodRules() { return kMethods; }

}  // namespace edgefeed
