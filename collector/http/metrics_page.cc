#include "collector/http/metrics_page.h"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "collector/http/exposition.h"
#include "collector/http/metric_tables.h"
#include "collector/http/process_usage.h"
#include "common/model/severity.h"

namespace edgefeed {
namespace {

void AddReceivers(Page& page, const std::deque<ReceiverStats>& receivers) {
  struct Metric {
    const char* name;
    MetricType type;
    ReceiverStats::Value ReceiverStats::* member;
    const char* help;
  };
  static constexpr Metric kMetrics[] = {
      {"edgefeed_collector_notifications_sent_total", kCounter, &ReceiverStats::sent,
       "Notifications that the receiver has taken."},
      {"edgefeed_collector_notification_retries_total", kCounter, &ReceiverStats::retried,
       "Tries to send a notification that failed, each to be repeated."},
      {"edgefeed_collector_notifications_refused_total", kCounter, &ReceiverStats::refused,
       "Notifications that the receiver will never take."},
      {"edgefeed_collector_notifications_waiting", kGauge, &ReceiverStats::waiting,
       "Notifications that wait for the receiver."},
      {"edgefeed_collector_notifications_oldest_waiting_seconds", kGauge,
       &ReceiverStats::oldest_waiting_seconds, "How long the first of these has waited."},
  };
  if (receivers.empty()) return;
  for (const Metric& metric : kMetrics) {
    MetricFamily& family = page.Family(metric.name, metric.type, metric.help);
    for (const auto& receiver : receivers) {
      AddValue(family, static_cast<double>(receiver.*metric.member), {{"receiver", receiver.name}});
    }
  }
  MetricFamily& dropped = page.Family("edgefeed_collector_notifications_dropped_total", kCounter,
                                      "Notifications that the receiver does not get.");
  for (const auto& receiver : receivers) {
    for (std::size_t i = 0; i < kNotificationDropNames.size(); ++i) {
      AddValue(dropped, static_cast<double>(receiver.dropped[i]),
               {{"receiver", receiver.name}, {"reason", std::string(kNotificationDropNames[i])}});
    }
  }
}

void AddTls(Page& page, const std::deque<TlsStats>& ports) {
  if (ports.empty()) return;
  MetricFamily& expiry = page.Family("edgefeed_certificate_expiry_timestamp_seconds", kGauge,
                                     "When the certificates of a file in use end, Unix time.");
  for (const auto& port : ports) {
    const auto add = [&](const std::string& file, std::uint64_t expires) {
      if (expires == 0) return;
      AddValue(expiry, static_cast<double>(expires), {{"file", file}, {"listener", port.listener}});
    };
    add(port.cert_file, port.cert_expires);
    add(port.ca_file, port.ca_expires);
  }
  MetricFamily& renewals = page.Family("edgefeed_collector_tls_renewals_total", kCounter,
                                       "Certificates and keys that were taken over while running.");
  for (const auto& port : ports) {
    AddValue(renewals, static_cast<double>(port.renewals), {{"listener", port.listener}});
  }
  MetricFamily& refused = page.Family("edgefeed_collector_tls_renewals_refused_total", kCounter,
                                      "Changes of these files that could not be used.");
  for (const auto& port : ports) {
    AddValue(refused, static_cast<double>(port.renewals_refused), {{"listener", port.listener}});
  }
}

void AddProcess(Page& page, const ProcessUsage& usage) {
  page.Value("process_cpu_seconds_total", kCounter, "User and system CPU time spent.",
             usage.cpu_seconds);
  page.Value("process_start_time_seconds", kGauge, "When the process started, Unix time.",
             usage.start_time_unix_seconds);
  page.Value("process_resident_memory_bytes", kGauge, "Resident memory.",
             static_cast<double>(usage.resident_bytes));
  page.Value("process_virtual_memory_bytes", kGauge, "Virtual memory.",
             static_cast<double>(usage.virtual_bytes));
  page.Value("process_open_fds", kGauge, "File descriptors that are open.",
             static_cast<double>(usage.open_fds));
  page.Value("process_max_fds", kGauge, "File descriptors that may be open.",
             static_cast<double>(usage.max_fds));
}

void AddRemoteWrites(Page& page, const std::deque<RemoteWriteStats>& remotes, WallTime now) {
  if (remotes.empty()) return;
  const auto count = [](const RemoteWriteStats::Value& value) {
    return static_cast<double>(value.load());
  };
  page.PerRemote("edgefeed_collector_remote_write_values_sent_total", kCounter,
                 "Values that a remote store has taken.", remotes,
                 [&](const RemoteWriteStats& remote) { return count(remote.values_sent); });
  page.PerRemote("edgefeed_collector_remote_write_requests_failed_total", kCounter,
                 "Requests to a remote store that failed, each to be repeated.", remotes,
                 [&](const RemoteWriteStats& remote) { return count(remote.requests_failed); });
  page.PerRemote("edgefeed_collector_remote_write_lag_seconds", kGauge,
                 "How long the oldest sample that was not sent has waited.", remotes,
                 [now](const RemoteWriteStats& remote) {
                   const std::uint64_t oldest = remote.oldest_unsent_ms;
                   const std::uint64_t ms = UnixMillis(now);
                   return oldest == 0 || oldest > ms ? 0.0
                                                     : static_cast<double>(ms - oldest) / 1000;
                 });
  MetricFamily& dropped = page.Family("edgefeed_collector_remote_write_values_dropped_total",
                                      kCounter, "Values that a remote store will never have.");
  for (const auto& remote : remotes) {
    for (std::size_t i = 0; i < kRemoteDropNames.size(); ++i) {
      AddValue(dropped, count(remote.values_dropped[i]),
               {{"remote", remote.name}, {"reason", std::string(kRemoteDropNames[i])}});
    }
  }
}

void AddFiring(Page& page, std::span<const DeviceSnapshot> devices) {
  MetricFamily& family = page.Family("edgefeed_device_firing", kGauge,
                                     "1 for each rule that fires on the device; else absent.");
  for (const auto& device : devices) {
    for (const auto& rule : device.firing) {
      AddValue(family, 1, {{"device", device.name}, {"rule", rule}});
    }
  }
}

void AddDevices(Page& page, std::span<const DeviceSnapshot> devices) {
  using Device = DeviceSnapshot;
  page.PerDevice("edgefeed_device_connected", kGauge, "Whether a feed of the device is open.",
                 devices, [](const Device& device) { return device.connected ? 1.0 : 0.0; });
  page.PerSample("edgefeed_device_cpu_usage_percent",
                 "Busy share of all CPUs in the newest sample, 0-100.", devices,
                 [](const Device& device) { return device.cpu_usage_percent; });
  page.PerSample("edgefeed_device_memory_used_bytes",
                 "MemTotal less MemAvailable in the newest sample.", devices,
                 [](const Device& device) { return device.memory_used_mib * 1024 * 1024; });
  page.PerDevice("edgefeed_device_last_seen_timestamp_seconds", kGauge,
                 "When the collector received the newest payload, Unix time.", devices,
                 [](const Device& device) {
                   return static_cast<double>(UnixMillis(device.last_seen)) / 1000;
                 });
  page.PerDevice("edgefeed_device_payloads_total", kCounter,
                 "Payloads accepted since the device was first seen.", devices,
                 [](const Device& device) { return static_cast<double>(device.request_count); });
  AddFiring(page, devices);
}

// Of alerts that Prometheus would take for the same one, one.
void AddAlerts(Page& page, const FiringAlerts& alerts) {
  MetricFamily& family =
      page.Family("edgefeed_alerts", kGauge, "1 for each alert that fires; else absent.");
  std::set<std::vector<std::pair<std::string, std::string>>> seen;
  for (const FiringAlert& alert : alerts.alerts) {
    std::vector<std::pair<std::string, std::string>> labels = {
        {"alertname", alert.rule},
        {"alertstate", alert.no_data ? "no_data" : "firing"},
        {"device", alert.device},
        {"severity", std::string(SeverityName(alert.severity))}};
    // Its own labels may have any names.
    for (const Label& label : alert.labels) labels.emplace_back("label_" + label.name, label.value);
    if (!seen.insert(labels).second) continue;
    MetricLabels metric_labels;
    for (auto& [name, value] : labels) metric_labels.push_back({name, value});
    AddValue(family, 1, std::move(metric_labels));
  }
  page.Value("edgefeed_collector_metrics_alerts_omitted", kGauge,
             "Alerts that fire without a series here, because there are too many.",
             static_cast<double>(alerts.omitted));
}

void AddAlertCounts(Page& page, const CollectorStats& stats) {
  MetricFamily& firing =
      page.Family("edgefeed_collector_alerts_firing", kGauge, "Alerts that fire now, by severity.");
  for (std::size_t i = 0; i < kSeverityNames.size(); ++i) {
    AddValue(firing, static_cast<double>(stats.alerts_firing[i]),
             {{"severity", std::string(kSeverityNames[i])}});
  }
  page.PerReason("edgefeed_collector_alert_notifications_suppressed_total",
                 "Changes of alerts that operators were not told at once, or reminders not at all.",
                 kSuppressionNames, stats.alert_notifications_suppressed);
}

void AddCallerLimits(Page& page, const CollectorStats& stats) {
  MetricFamily& family =
      page.Family("edgefeed_collector_caller_limit_refused_total", kCounter,
                  "Calls refused because their caller has as many open as one may.");
  for (std::size_t i = 0; i < kCallerLimitNames.size(); ++i) {
    AddValue(family, static_cast<double>(stats.caller_limit_refused.at(i)),
             {{"limit", std::string(kCallerLimitNames.at(i))}});
  }
}

}  // namespace

std::string MetricsText(const MetricsInput& input) {
  Page page;
  AddValue(
      page.Family("edgefeed_collector_build_info", kGauge, "Always 1; the version is a label."), 1,
      {{"version", input.version}});
  page.Values(input.collector, std::span<const CollectorMetric>(kCollectorMetrics));
  page.PerReason("edgefeed_collector_connections_refused_total",
                 "Connections to the gRPC port that were closed at once.", kConnectionRefusalNames,
                 input.collector.connections_refused);
  page.PerReason("edgefeed_collector_uploads_refused_total",
                 "Calls about uploads that can be resumed, refused.", kUploadRefusalNames,
                 input.collector.uploads_refused);
  page.PerReason("edgefeed_access_refused_total", "Calls refused because of who made them.",
                 kAccessRefusalNames, input.collector.access_refused);
  AddCallerLimits(page, input.collector);
  page.PerReason("edgefeed_collector_dumps_removed_total", "Crash dumps whose bytes were removed.",
                 kDumpRemovalNames, input.collector.dumps_removed);
  AddRemoteWrites(page, input.collector.remote_writes, input.now);
  AddReceivers(page, input.collector.receivers);
  AddTls(page, input.collector.tls);
  AddAlertCounts(page, input.collector);
  page.Values(input.http, std::span<const HttpMetric>(kHttpMetrics));
  if (const auto usage = ReadProcessUsage()) AddProcess(page, *usage);
  const std::size_t shown = std::min(input.devices.size(), input.max_devices);
  page.Value("edgefeed_collector_metrics_devices_omitted", kGauge,
             "Devices without series here, because there are too many.",
             static_cast<double>(input.devices.size() - shown));
  AddDevices(page, std::span(input.devices).first(shown));
  AddAlerts(page, input.alerts);
  return page.Text();
}

}  // namespace edgefeed
