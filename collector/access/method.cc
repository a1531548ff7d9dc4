#include "collector/access/method.h"

#include <array>

namespace edgefeed {
namespace {

constexpr auto kNo = DeviceMay::kNo;
constexpr auto kItself = DeviceMay::kAsItself;
constexpr auto kViewer = Role::kViewer;
constexpr auto kOperator = Role::kOperator;
constexpr auto kAdmin = Role::kAdmin;
constexpr auto kEach = Audit::kEachCall;

constexpr std::array kMethods = {
    MethodRule{"telemetry.TelemetryService/LiveFeed", kItself, std::nullopt},
    MethodRule{"telemetry.TelemetryService/GetSnapshot", kItself, kViewer},
    MethodRule{"telemetry.TelemetryService/Subscribe", kItself, kViewer},
    MethodRule{"fileupload.FileUploadService/Upload", kItself, kOperator},
    MethodRule{"fileupload.FileUploadService/BeginUpload", kItself, kOperator},
    MethodRule{"fileupload.FileUploadService/QueryUpload", kItself, kOperator},
    MethodRule{"fileupload.FileUploadService/AbortUpload", kItself, kOperator},
    MethodRule{"edgefeed.FleetService/ListDevices", kNo, kViewer},
    MethodRule{"edgefeed.FleetService/GetHistory", kItself, kViewer},
    MethodRule{"edgefeed.FleetService/ListSeries", kItself, kViewer},
    MethodRule{"edgefeed.FleetService/Backup", kNo, kAdmin, kEach},
    MethodRule{"edgefeed.AlertService/ListAlerts", kNo, kViewer},
    MethodRule{"edgefeed.AlertService/WatchAlerts", kNo, kViewer},
    MethodRule{"edgefeed.AlertService/ListAlertHistory", kNo, kViewer},
    MethodRule{"edgefeed.AlertService/AddSilence", kNo, kOperator, kEach},
    MethodRule{"edgefeed.AlertService/ListSilences", kNo, kViewer},
    MethodRule{"edgefeed.AlertService/ExpireSilence", kNo, kOperator, kEach},
    MethodRule{"edgefeed.AlertService/Acknowledge", kNo, kOperator, kEach},
    MethodRule{"edgefeed.AlertService/Unacknowledge", kNo, kOperator, kEach},
    MethodRule{"dumps.DumpService/ListDumpGroups", kNo, kViewer},
    MethodRule{"dumps.DumpService/ListDumps", kNo, kViewer},
    MethodRule{"dumps.DumpService/GetDump", kNo, kViewer},
    MethodRule{"dumps.DumpService/DownloadDump", kNo, kOperator, kEach},
    MethodRule{"dumps.DumpService/RemoveDumps", kNo, kOperator, kEach},
};
static_assert(static_cast<std::size_t>(Method::kRemoveDumps) + 1 == kMethods.size());

}  // namespace

const MethodRule& RuleOf(Method method) { return kMethods[static_cast<std::size_t>(method)]; }

std::span<const MethodRule> MethodRules() { return kMethods; }

}  // namespace edgefeed
