#include <algorithm>
#include <array>

#include "common/model/metrics.h"

namespace edgefeed {
namespace {

constexpr std::array kCatalog = {
    &metrics::kAgentAlertsSkipped,
    &metrics::kAgentCertificateExpires,
    &metrics::kAgentCpuSeconds,
    &metrics::kAgentDumpsBytes,
    &metrics::kAgentDumpsDelivered,
    &metrics::kAgentDumpsDropped,
    &metrics::kAgentDumpsQuarantined,
    &metrics::kAgentDumpsSkipped,
    &metrics::kAgentDumpsSuppressed,
    &metrics::kAgentDumpsTaken,
    &metrics::kAgentDumpsWaiting,
    &metrics::kAgentFeedConnects,
    &metrics::kAgentMissedTicks,
    &metrics::kAgentNetworkReceiveBytes,
    &metrics::kAgentNetworkTransmitBytes,
    &metrics::kAgentOpenFds,
    &metrics::kAgentOutboxDiskSize,
    &metrics::kAgentOutboxWritten,
    &metrics::kAgentReadErrors,
    &metrics::kAgentResidentMemory,
    &metrics::kAgentSamplesAcknowledged,
    &metrics::kAgentSamplesCollected,
    &metrics::kAgentSamplesDropped,
    &metrics::kAgentSamplesQueued,
    &metrics::kAgentSamplesRecovered,
    &metrics::kAgentSeriesDropped,
    &metrics::kAgentStatsdDatagramsLost,
    &metrics::kAgentStatsdDropped,
    &metrics::kAgentStatsdLines,
    &metrics::kAgentStatsdMemory,
    &metrics::kAgentStatsdSeries,
    &metrics::kAgentThreads,
    &metrics::kAgentTlsRenewalsRefused,
    &metrics::kBatteryCharge,
    &metrics::kBatteryDischarging,
    &metrics::kBootOffline,
    &metrics::kBootTime,
    &metrics::kBoots,
    &metrics::kCgroupMemoryLimit,
    &metrics::kCgroupMemoryUsage,
    &metrics::kContextSwitches,
    &metrics::kCooling,
    &metrics::kCpuAllSeconds,
    &metrics::kCpuCoreThrottles,
    &metrics::kCpuFrequency,
    &metrics::kCpuPackageThrottles,
    &metrics::kCpuSeconds,
    &metrics::kCpuUsage,
    &metrics::kDiskIoInFlight,
    &metrics::kDiskIoSeconds,
    &metrics::kDiskReadBytes,
    &metrics::kDiskReads,
    &metrics::kDiskWrites,
    &metrics::kDiskWrittenBytes,
    &metrics::kEmmcLifeUsed,
    &metrics::kEmmcPreEol,
    &metrics::kFileDescriptorsAllocated,
    &metrics::kFileDescriptorsMax,
    &metrics::kFilesystemAvailable,
    &metrics::kFilesystemFree,
    &metrics::kFilesystemInodes,
    &metrics::kFilesystemInodesFree,
    &metrics::kFilesystemReadonly,
    &metrics::kFilesystemSize,
    &metrics::kFirmwareThrottled,
    &metrics::kFirmwareThrottledSeen,
    &metrics::kInterrupts,
    &metrics::kLoad1,
    &metrics::kLoad15,
    &metrics::kLoad5,
    &metrics::kMainsOnline,
    &metrics::kMemoryAvailable,
    &metrics::kMemoryBuffers,
    &metrics::kMemoryCached,
    &metrics::kMemoryFree,
    &metrics::kMemoryMb,
    &metrics::kMemoryTotal,
    &metrics::kMemoryUsed,
    &metrics::kNetworkCarrier,
    &metrics::kNetworkReceiveBytes,
    &metrics::kNetworkReceiveDrops,
    &metrics::kNetworkReceiveErrors,
    &metrics::kNetworkReceivePackets,
    &metrics::kNetworkSpeed,
    &metrics::kNetworkTransmitBytes,
    &metrics::kNetworkTransmitDrops,
    &metrics::kNetworkTransmitErrors,
    &metrics::kNetworkTransmitPackets,
    &metrics::kPressureAvg10,
    &metrics::kPressureSeconds,
    &metrics::kProcesses,
    &metrics::kProcessesBlocked,
    &metrics::kProcessesRunning,
    &metrics::kSwapFree,
    &metrics::kSwapTotal,
    &metrics::kSwapUsed,
    &metrics::kTemperature,
    &metrics::kThreads,
    &metrics::kUnderVoltage,
    &metrics::kUnderVoltageSeen,
    &metrics::kUptime,
};

constexpr auto kNameOf = [](const MetricInfo* metric) { return metric->name; };

static_assert(std::ranges::adjacent_find(kCatalog, std::ranges::greater_equal(), kNameOf) ==
                  kCatalog.end(),
              "sorted by name, no name twice");

}  // namespace

std::string_view UnitName(Unit unit) {
  switch (unit) {
    case Unit::kNone: return "";
    case Unit::kBytes: return "bytes";
    case Unit::kSeconds: return "seconds";
    case Unit::kRatio: return "ratio";
    case Unit::kCelsius: return "celsius";
    case Unit::kHertz: return "hertz";
    case Unit::kPercent: return "percent";
    case Unit::kMebibytes: return "mebibytes";
  }
  return "";
}

std::string_view KindName(Kind kind) { return kind == Kind::kCounter ? "counter" : "gauge"; }

std::span<const MetricInfo* const> MetricCatalog() { return kCatalog; }

const MetricInfo* FindMetric(std::string_view name) {
  const auto found = std::ranges::lower_bound(kCatalog, name, {}, kNameOf);
  return found != kCatalog.end() && (*found)->name == name ? *found : nullptr;
}

}  // namespace edgefeed
