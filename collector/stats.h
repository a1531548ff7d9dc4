#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

namespace edgefeed {

// Why a begun upload was refused, in the order of UploadRefusal, whose first is no refusal.
constexpr std::array<std::string_view, 11> kUploadRefusalNames = {
    "",           "offset",  "crc",      "digest",  "quota",  "too_large",
    "superseded", "unknown", "conflict", "storage", "invalid"};

// Why bytes of dumps were removed, in the order of DumpRemoval.
constexpr std::array<std::string_view, 4> kDumpRemovalNames = {"expired", "group_full", "quota",
                                                               "operator"};

// Why calls were refused, in the order of AccessRefusal.
constexpr std::array<std::string_view, 13> kAccessRefusalNames = {
    "no_identity",     "certificate", "revoked",       "expired", "token",
    "token_expired",   "role",        "name",          "port",    "token_used",
    "has_certificate", "request",     "too_many_tries"};

// Of which kind a caller had as many calls open as he may, in the order of CallKind.
constexpr std::array<std::string_view, 3> kCallerLimitNames = {
    "feeds_per_caller", "uploads_per_caller", "subscribers_per_caller"};

// Why values were not written to a remote store, in the order of RemoteDrop.
constexpr std::array<std::string_view, 6> kRemoteDropNames = {
    "out_of_order", "too_old", "duplicate", "refused", "retention", "unreadable"};

// Of one remote store. Each value may be read from any thread.
struct RemoteWriteStats {
  using Value = std::atomic<std::uint64_t>;

  explicit RemoteWriteStats(std::string remote) : name(std::move(remote)) {}

  std::string name;
  Value values_sent{0};
  Value requests_failed{0};  // Each to be repeated.
  std::array<Value, kRemoteDropNames.size()> values_dropped{};
  // When the collector received the oldest sample that was not sent; 0: all were.
  Value oldest_unsent_ms{0};
};

// Why a notification does not go to a receiver that it was for, in the order of NotificationDrop.
constexpr std::array<std::string_view, 5> kNotificationDropNames = {
    "repeat", "superseded", "full", "too_many_alerts", "unreadable"};

// Of one address that notifications go to.
struct ReceiverStats {
  using Value = std::atomic<std::uint64_t>;

  std::string name;
  Value sent{0};
  Value retried{0};  // Tries that failed, each to be repeated.
  Value refused{0};  // Which it did not take, and will not be sent again.
  std::array<Value, kNotificationDropNames.size()> dropped{};
  Value waiting{0};
  Value oldest_waiting_seconds{0};
};

// Why operators were not told of an alert, in the order of Suppression, whose first is no reason.
constexpr std::array<std::string_view, 6> kSuppressionNames = {
    "", "silenced", "inhibited", "waits_for_parent", "flapping", "acknowledged"};

// Why a connection was closed at once, in the order of ConnectionGate::Verdict, whose first is
// none.
constexpr std::array<std::string_view, 3> kConnectionRefusalNames = {"", "too_many", "too_often"};

// Of the certificates and keys of one port. The times are those of the files in use, in seconds
// since 1970; 0: there is no such file.
struct TlsStats {
  using Value = std::atomic<std::uint64_t>;

  std::string listener;  // "grpc", "http"
  std::string cert_file;
  std::string ca_file;
  Value cert_expires{0};
  Value ca_expires{0};
  Value renewals{0};
  Value renewals_refused{0};  // Files that could not be used, each content once.
};

// The collector's own counters and gauges, for /metrics. Each may be changed from any thread.
struct CollectorStats {
  using Value = std::atomic<std::uint64_t>;

  // Connections of gRPC.
  Value connections_accepted{0};
  std::array<Value, kConnectionRefusalNames.size()> connections_refused{};

  // Payloads.
  Value payloads_accepted{0};        // Samples, whether they came one by one or in batches.
  Value payloads_backlog{0};         // Of these, the ones that had waited for a connection.
  Value payloads_duplicate{0};       // Sent again after a reconnect, already known.
  Value payloads_dated_by_guess{0};  // Of these, from a device whose clock was never set.
  Value payloads_invalid{0};  // Refused: the stream ended with INVALID_ARGUMENT, or one sample.
  Value payloads_refused{0};  // To be sent again later, because the disk took nothing.
  Value readings_dropped{0};  // Values of series over the device's limit.

  // Feeds.
  Value feeds_open{0};
  Value feeds_opened{0};
  Value feeds_replaced{0};          // Ended with ABORTED because a newer one came.
  Value feeds_refused_conflict{0};  // Two devices under one name.
  Value feeds_slowed{0};            // Times that one waited for the disk,
  Value feeds_held_back{0};         // … and because it sent more than it may.
  Value devices_refused{0};         // Over the limit of known devices.
  Value devices{0};

  // Alerts.
  Value alerts_fired{0};
  Value alerts_sent{0};
  Value alerts_resent{0};        // To devices that had not said that they have them.
  Value alerts_dropped{0};       // Too many waited for their device.
  Value alerts_expired{0};       // They waited too long.
  Value alerts_late{0};          // Of samples that had waited for a connection.
  Value rule_values_dropped{0};  // Of a rule's window, which was full.

  // Notifications. Complete before anybody reads it.
  std::deque<ReceiverStats> receivers;

  // What is known of alerts. Firing ones by Severity.
  std::array<Value, 3> alerts_firing{};
  Value alert_events{0};          // From the rules.
  Value alert_events_dropped{0};  // The disk was behind.
  Value alert_records_waiting{0};
  Value alert_commits{0};
  Value alert_commit_errors{0};  // Each to be repeated.
  Value alert_notifications{0};
  std::array<Value, kSuppressionNames.size()> alert_notifications_suppressed{};
  Value alert_lists_open{0};
  Value alert_watchers_open{0};
  Value alert_watchers_ended{0};  // They fell behind.
  Value alert_calls_refused{0};   // There were too many.

  // Who may do what.
  std::array<Value, kAccessRefusalNames.size()> access_refused{};  // Calls, by AccessRefusal.
  Value calls_too_often{0};
  std::array<Value, kCallerLimitNames.size()> caller_limit_refused{};  // Likewise, by CallKind.
  Value access_calls_ended{0};  // A certificate or token was revoked, or its time was over.
  Value audit_lines_lost{0};    // The disk took nothing, or there were too many.

  // Enrolment.
  Value devices_enrolled{0};
  Value certificates_renewed{0};

  // Subscribers.
  Value subscribers_open{0};
  Value subscriber_updates{0};
  Value subscribers_ended_stalled{0};  // No progress for 30 s.
  Value subscribers_refused{0};

  // History.
  Value history_samples{0};            // Stored: on stable storage.
  Value history_samples_refused{0};    // The disk did not keep up or did not take anything.
  Value history_write_errors{0};       // Tries that failed, each to be repeated.
  Value history_files_damaged{0};      // Set aside.
  Value history_frames_unreadable{0};  // Lost to damage.
  Value history_samples_misplaced{0};  // Of times so wrong that no question finds them.
  Value history_unsynced_bytes{0};     // Handed over, not on stable storage yet.
  Value history_files_deleted{0};      // Because of their age, or of the size of all.
  Value history_bytes{0};              // Of all files.
  Value history_log_bytes{0};
  Value history_outbox_bytes{0};  // Of the log, kept for remote writes.
  Value history_open_bytes{0};    // Of samples that wait in memory for their chunk.

  // Ports with TLS. Complete before anybody reads it.
  std::deque<TlsStats> tls;

  // Remote writes. The list is made before anything runs.
  std::deque<RemoteWriteStats> remote_writes;

  // Calls about it.
  Value history_calls_open{0};
  Value history_calls_refused{0};  // There were too many.

  // Backups.
  Value backups_completed{0};
  Value backups_failed{0};  // Or refused.

  // Uploads.
  Value uploads_completed{0};
  Value uploads_failed{0};
  Value uploads_held_back{0};  // Times that one was not read on at once, because of its rate.
  Value upload_bytes{0};

  // Begun uploads: those that can be resumed.
  Value uploads_begun{0};
  Value uploads_resumed{0};  // With bytes there already.
  Value uploads_expired{0};
  Value upload_segments_open{0};
  std::array<Value, kUploadRefusalNames.size()> uploads_refused{};  // By UploadRefusal.

  // Crash dumps.
  Value dumps_recorded{0};  // Uploaded, or only described.
  Value dumps_kept{0};      // With bytes.
  Value dump_bytes{0};
  Value dump_groups{0};
  std::array<Value, kDumpRemovalNames.size()> dumps_removed{};  // By DumpRemoval.
  Value dump_inspections_failed{0};
  Value dump_lists_open{0};
  Value dump_downloads_open{0};
  Value dump_calls_refused{0};  // There were too many.
};

}  // namespace edgefeed
