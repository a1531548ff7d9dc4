#include "collector/http/metrics_page.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <deque>
#include <functional>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "collector/http/process_usage.h"
#include "common/model/severity.h"

namespace edgefeed {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using MetricLabels = std::vector<ClientMetric::Label>;

template <typename Stats, typename Member>
struct StatMetric {
  const char* name;
  MetricType type;
  Member Stats::* member;
  const char* help;
};

using CollectorMetric = StatMetric<CollectorStats, CollectorStats::Value>;
using HttpMetric = StatMetric<HttpStats, std::uint64_t>;

constexpr MetricType kCounter = MetricType::Counter;
constexpr MetricType kGauge = MetricType::Gauge;

constexpr CollectorMetric kCollectorMetrics[] = {
    {"edgefeed_collector_payloads_accepted_total", kCounter, &CollectorStats::payloads_accepted,
     "Payloads of devices that were accepted."},
    {"edgefeed_collector_payloads_duplicate_total", kCounter, &CollectorStats::payloads_duplicate,
     "Payloads sent again after a reconnect that were known already."},
    {"edgefeed_collector_payloads_invalid_total", kCounter, &CollectorStats::payloads_invalid,
     "Payloads refused with INVALID_ARGUMENT."},
    {"edgefeed_collector_payloads_backlog_total", kCounter, &CollectorStats::payloads_backlog,
     "Of the accepted ones, those that had waited for a connection."},
    {"edgefeed_collector_payloads_dated_by_guess_total", kCounter,
     &CollectorStats::payloads_dated_by_guess,
     "Of the accepted ones, those of a device whose clock was never set: they are not older."},
    {"edgefeed_collector_payloads_refused_total", kCounter, &CollectorStats::payloads_refused,
     "Payloads that must come again, because the disk took nothing."},
    {"edgefeed_collector_history_samples_total", kCounter, &CollectorStats::history_samples,
     "Samples put on stable storage."},
    {"edgefeed_collector_history_samples_refused_total", kCounter,
     &CollectorStats::history_samples_refused,
     "Samples that the history did not take, because of the disk, and that come again."},
    {"edgefeed_collector_history_write_errors_total", kCounter,
     &CollectorStats::history_write_errors, "Writes that failed, each to be repeated."},
    {"edgefeed_collector_history_files_damaged_total", kCounter,
     &CollectorStats::history_files_damaged, "Damaged files that were set aside."},
    {"edgefeed_collector_history_frames_unreadable_total", kCounter,
     &CollectorStats::history_frames_unreadable, "Samples lost to damage."},
    {"edgefeed_collector_history_samples_misplaced_total", kCounter,
     &CollectorStats::history_samples_misplaced,
     "Samples more than 31 days old or an hour ahead when they came: stored, but in no answer."},
    {"edgefeed_collector_history_files_deleted_total", kCounter,
     &CollectorStats::history_files_deleted, "Files deleted for their age or the size of all."},
    {"edgefeed_collector_history_bytes", kGauge, &CollectorStats::history_bytes,
     "Size of all files of the history."},
    {"edgefeed_collector_history_log_bytes", kGauge, &CollectorStats::history_log_bytes,
     "Size of the log, which holds what is not in its place yet."},
    {"edgefeed_collector_history_outbox_bytes", kGauge, &CollectorStats::history_outbox_bytes,
     "Size of what is kept of the log for remote writes that are behind."},
    {"edgefeed_collector_history_unsynced_bytes", kGauge, &CollectorStats::history_unsynced_bytes,
     "Samples that are not on stable storage yet."},
    {"edgefeed_collector_history_open_bytes", kGauge, &CollectorStats::history_open_bytes,
     "Samples that wait in memory for their place."},
    {"edgefeed_collector_readings_dropped_total", kCounter, &CollectorStats::readings_dropped,
     "Values dropped because their device has too many series."},
    {"edgefeed_collector_feeds_open", kGauge, &CollectorStats::feeds_open,
     "LiveFeed streams that are open."},
    {"edgefeed_collector_feeds_opened_total", kCounter, &CollectorStats::feeds_opened,
     "LiveFeed streams that devices have opened."},
    {"edgefeed_collector_feeds_replaced_total", kCounter, &CollectorStats::feeds_replaced,
     "LiveFeed streams ended because the device opened a newer one."},
    {"edgefeed_collector_feeds_refused_conflict_total", kCounter,
     &CollectorStats::feeds_refused_conflict,
     "LiveFeed streams refused because two devices use one name."},
    {"edgefeed_collector_feeds_slowed_total", kCounter, &CollectorStats::feeds_slowed,
     "Times that a LiveFeed stream was not read on at once because the disk was behind."},
    {"edgefeed_collector_devices_refused_total", kCounter, &CollectorStats::devices_refused,
     "New devices refused because the limit of known devices was reached."},
    {"edgefeed_collector_devices", kGauge, &CollectorStats::devices,
     "Devices that the collector knows."},
    {"edgefeed_collector_alerts_fired_total", kCounter, &CollectorStats::alerts_fired,
     "Alerts that rules have raised."},
    {"edgefeed_collector_alerts_sent_total", kCounter, &CollectorStats::alerts_sent,
     "Alerts sent to devices."},
    {"edgefeed_collector_alerts_dropped_total", kCounter, &CollectorStats::alerts_dropped,
     "Alerts dropped because too many waited for their device."},
    {"edgefeed_collector_alerts_resent_total", kCounter, &CollectorStats::alerts_resent,
     "Alerts sent to devices again, which had not said that they have them."},
    {"edgefeed_collector_alerts_expired_total", kCounter, &CollectorStats::alerts_expired,
     "Alerts dropped because their device did not take them for an hour."},
    {"edgefeed_collector_alerts_late_total", kCounter, &CollectorStats::alerts_late,
     "Alerts of samples that had waited for a connection."},
    {"edgefeed_collector_rule_values_dropped_total", kCounter, &CollectorStats::rule_values_dropped,
     "Values that rules forgot before their window was over, because it held 3600."},
    {"edgefeed_collector_alert_events_total", kCounter, &CollectorStats::alert_events,
     "Changes of alerts that the rules have reported."},
    {"edgefeed_collector_alert_events_dropped_total", kCounter,
     &CollectorStats::alert_events_dropped,
     "Changes of alerts that were lost, or are not in their history, because the disk was behind."},
    {"edgefeed_collector_alert_records_waiting", kGauge, &CollectorStats::alert_records_waiting,
     "Reports of the rules that wait to be written down."},
    {"edgefeed_collector_alert_commits_total", kCounter, &CollectorStats::alert_commits,
     "Transactions about alerts."},
    {"edgefeed_collector_alert_commit_errors_total", kCounter, &CollectorStats::alert_commit_errors,
     "Transactions about alerts that failed, each to be repeated."},
    {"edgefeed_collector_alert_notifications_total", kCounter, &CollectorStats::alert_notifications,
     "Notifications for operators."},
    {"edgefeed_collector_alert_lists_open", kGauge, &CollectorStats::alert_lists_open,
     "Lists of alerts and silences that are being sent."},
    {"edgefeed_collector_alert_watchers_open", kGauge, &CollectorStats::alert_watchers_open,
     "WatchAlerts streams that are open."},
    {"edgefeed_collector_alert_watchers_ended_total", kCounter,
     &CollectorStats::alert_watchers_ended, "WatchAlerts streams ended because they were slow."},
    {"edgefeed_collector_alert_calls_refused_total", kCounter, &CollectorStats::alert_calls_refused,
     "Calls about alerts refused because there were too many."},
    {"edgefeed_collector_subscribers_open", kGauge, &CollectorStats::subscribers_open,
     "Subscribe streams that are open."},
    {"edgefeed_collector_subscriber_updates_total", kCounter, &CollectorStats::subscriber_updates,
     "Updates sent to subscribers."},
    {"edgefeed_collector_subscribers_ended_stalled_total", kCounter,
     &CollectorStats::subscribers_ended_stalled,
     "Subscribe streams ended because their reader made no progress."},
    {"edgefeed_collector_subscribers_refused_total", kCounter, &CollectorStats::subscribers_refused,
     "Subscribe streams refused because there were too many."},
    {"edgefeed_collector_history_calls_open", kGauge, &CollectorStats::history_calls_open,
     "GetHistory and ListSeries calls that are being answered."},
    {"edgefeed_collector_history_calls_refused_total", kCounter,
     &CollectorStats::history_calls_refused,
     "GetHistory and ListSeries calls refused because there were too many."},
    {"edgefeed_collector_backups_completed_total", kCounter, &CollectorStats::backups_completed,
     "Backups that were sent whole."},
    {"edgefeed_collector_backups_failed_total", kCounter, &CollectorStats::backups_failed,
     "Backups that failed or were refused."},
    {"edgefeed_collector_uploads_completed_total", kCounter, &CollectorStats::uploads_completed,
     "Uploaded files that are whole and on stable storage."},
    {"edgefeed_collector_uploads_failed_total", kCounter, &CollectorStats::uploads_failed,
     "Uploads that failed or were refused."},
    {"edgefeed_collector_upload_bytes_total", kCounter, &CollectorStats::upload_bytes,
     "Bytes of uploads received."},
    {"edgefeed_collector_uploads_begun_total", kCounter, &CollectorStats::uploads_begun,
     "Uploads that can be resumed and were begun for the first time."},
    {"edgefeed_collector_uploads_resumed_total", kCounter, &CollectorStats::uploads_resumed,
     "Uploads that went on from bytes that were there already."},
    {"edgefeed_collector_uploads_expired_total", kCounter, &CollectorStats::uploads_expired,
     "Incomplete uploads thrown away because nothing came for a week."},
    {"edgefeed_collector_upload_segments_open", kGauge, &CollectorStats::upload_segments_open,
     "Calls that bring bytes of uploads that can be resumed."},
    {"edgefeed_collector_dumps_recorded_total", kCounter, &CollectorStats::dumps_recorded,
     "Crash dumps, or descriptions of some, that have come."},
    {"edgefeed_collector_dumps_kept", kGauge, &CollectorStats::dumps_kept,
     "Crash dumps of which the bytes are kept."},
    {"edgefeed_collector_dump_bytes", kGauge, &CollectorStats::dump_bytes,
     "Size of the crash dumps that are kept."},
    {"edgefeed_collector_dump_groups", kGauge, &CollectorStats::dump_groups,
     "Groups of crashes that look alike."},
    {"edgefeed_collector_dump_inspections_failed_total", kCounter,
     &CollectorStats::dump_inspections_failed, "Crash dumps in which nothing could be found."},
    {"edgefeed_collector_dump_lists_open", kGauge, &CollectorStats::dump_lists_open,
     "Lists of crash dumps that are being sent."},
    {"edgefeed_collector_dump_downloads_open", kGauge, &CollectorStats::dump_downloads_open,
     "Crash dumps that are being downloaded."},
    {"edgefeed_collector_dump_calls_refused_total", kCounter, &CollectorStats::dump_calls_refused,
     "Calls about crash dumps refused because there were too many."},
};

constexpr HttpMetric kHttpMetrics[] = {
    {"edgefeed_collector_http_requests_total", kCounter, &HttpStats::requests,
     "HTTP requests received."},
    {"edgefeed_collector_http_connections_open", kGauge, &HttpStats::connections_open,
     "HTTP connections that are open."},
    {"edgefeed_collector_http_connections_refused_total", kCounter, &HttpStats::connections_refused,
     "HTTP connections refused because there were too many."},
    {"edgefeed_collector_http_accept_errors_total", kCounter, &HttpStats::accept_errors,
     "HTTP connections that could not be accepted."},
    {"edgefeed_collector_http_streams_open", kGauge, &HttpStats::streams_open,
     "Event streams of web pages that are open."},
    {"edgefeed_collector_http_streams_refused_total", kCounter, &HttpStats::streams_refused,
     "Event streams refused because there were too many."},
    {"edgefeed_collector_http_stream_updates_skipped_total", kCounter,
     &HttpStats::stream_updates_skipped, "Updates that a slow web page missed."},
};

void AddValue(MetricFamily& family, double value, MetricLabels labels) {
  ClientMetric metric;
  metric.label = std::move(labels);
  (family.type == kCounter ? metric.counter.value : metric.gauge.value) = value;
  family.metric.push_back(std::move(metric));
}

// The families of one page, collected.
class Page {
 public:
  MetricFamily& Family(const char* name, MetricType type, const char* help) {
    families_.push_back({.name = name, .help = help, .type = type, .metric = {}});
    return families_.back();
  }

  void Value(const char* name, MetricType type, const char* help, double value) {
    AddValue(Family(name, type, help), value, {});
  }

  template <typename Stats, typename Member>
  void Values(const Stats& stats, std::span<const StatMetric<Stats, Member>> metrics) {
    for (const auto& metric : metrics) {
      const std::uint64_t value = stats.*metric.member;
      Value(metric.name, metric.type, metric.help, static_cast<double>(value));
    }
  }

  void PerRemote(const char* name, MetricType type, const char* help,
                 const std::deque<RemoteWriteStats>& remotes,
                 const std::function<double(const RemoteWriteStats&)>& read) {
    MetricFamily& family = Family(name, type, help);
    for (const auto& remote : remotes) AddValue(family, read(remote), {{"remote", remote.name}});
  }

  template <typename Read>
  void PerDevice(const char* name, MetricType type, const char* help,
                 std::span<const DeviceSnapshot> devices, Read read) {
    MetricFamily& family = Family(name, type, help);
    family.metric.reserve(devices.size());
    for (const auto& device : devices) AddValue(family, read(device), {{"device", device.name}});
  }

  // A counter for each reason. Reasons without a name are none.
  template <std::size_t N>
  void PerReason(const char* name, const char* help, const std::array<std::string_view, N>& reasons,
                 const std::array<CollectorStats::Value, N>& values) {
    MetricFamily& family = Family(name, kCounter, help);
    for (std::size_t i = 0; i < N; ++i) {
      if (reasons[i].empty()) continue;
      AddValue(family, static_cast<double>(values[i]), {{"reason", std::string(reasons[i])}});
    }
  }

  // Only of devices that have sent one since the collector started.
  template <typename Read>
  void PerSample(const char* name, const char* help, std::span<const DeviceSnapshot> devices,
                 Read read) {
    MetricFamily& family = Family(name, kGauge, help);
    for (const auto& device : devices) {
      if (device.has_sample) AddValue(family, read(device), {{"device", device.name}});
    }
  }

  [[nodiscard]] std::string Text() const {
    return prometheus::TextSerializer().Serialize(families_);
  }

 private:
  std::vector<MetricFamily> families_;
};

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

// The alerts of each device go here: edgefeed_alerts{alertname, device, severity, alertstate}, as
// many as there are, of the devices that are shown.
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

}  // namespace

std::string MetricsText(const MetricsInput& input) {
  Page page;
  AddValue(
      page.Family("edgefeed_collector_build_info", kGauge, "Always 1; the version is a label."), 1,
      {{"version", input.version}});
  page.Values(input.collector, std::span<const CollectorMetric>(kCollectorMetrics));
  page.PerReason("edgefeed_collector_uploads_refused_total",
                 "Calls about uploads that can be resumed, refused.", kUploadRefusalNames,
                 input.collector.uploads_refused);
  page.PerReason("edgefeed_collector_dumps_removed_total", "Crash dumps whose bytes were removed.",
                 kDumpRemovalNames, input.collector.dumps_removed);
  AddRemoteWrites(page, input.collector.remote_writes, input.now);
  AddReceivers(page, input.collector.receivers);
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
