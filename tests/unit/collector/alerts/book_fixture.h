#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "collector/alerts/alert_book.h"
#include "collector/alerts/alert_codec.h"

namespace edgefeed {

using namespace std::chrono_literals;

inline AlertEvent EventOf(const std::string& device, AlertChange change,
                          Severity severity = Severity::kWarning) {
  AlertEvent event;
  event.key = {.device = device, .rule = "HOT", .series = {.metric = "temp", .labels = {}}};
  event.change = change;
  event.severity = severity;
  event.message = device + " is hot";
  return event;
}

inline Silence SilenceOf(const std::string& device) {
  Silence silence;
  silence.matchers = {{.field = "device", .kind = MatchKind::kIs, .value = device}};
  silence.author = "ann";
  silence.comment = "works";
  return silence;
}

// A book, and what it has told.
struct BookFixture {
  explicit BookFixture(FlapConfig flap_config = {}) : flap(flap_config) { Begin(); }

  void Begin() { book = std::make_unique<AlertBook>(flap, stats); }
  void Fire(const std::string& device, Severity severity = Severity::kWarning) {
    Apply(EventOf(device, AlertChange::kFired, severity));
  }
  void Resolve(const std::string& device) { Apply(EventOf(device, AlertChange::kResolved)); }
  void Apply(AlertEvent event) {
    event.time = now;
    book->Apply(event, now);
    Save();
  }
  // An offline alert, of a device that was last heard so long ago.
  void GoOffline(const std::string& device, const std::string& parent,
                 std::chrono::milliseconds silent_for = 60s) {
    AlertEvent event = Offline(device, parent, AlertChange::kFired);
    event.time = now - silent_for;
    book->Apply(event, now);
    Save();
  }
  void ComeBack(const std::string& device, const std::string& parent) {
    Apply(Offline(device, parent, AlertChange::kResolved));
  }
  static AlertEvent Offline(const std::string& device, const std::string& parent,
                            AlertChange change) {
    AlertEvent event = EventOf(device, change, Severity::kCritical);
    event.key.rule = "OFFLINE";
    event.key.series = {};
    event.kind = AlertKind::kOffline;
    event.parent = parent;
    return event;
  }
  std::uint64_t AddSilence(Silence silence, std::chrono::milliseconds lasts = 1h) {
    silence.expires = now + lasts;
    const auto added = book->AddSilence(std::move(silence), now);
    REQUIRE(added);
    Save();
    return added->number;
  }
  void Expire(std::uint64_t number) {
    REQUIRE(book->ExpireSilence(number, now));
    Save();
  }
  void Acknowledge(const std::string& device) {
    REQUIRE(book->Acknowledge({.id = {}, .device = device, .rule = "HOT"},
                              {.author = "bob", .comment = {}, .at = {}, .expires = {}}, now));
    Save();
  }
  void Advance(std::chrono::milliseconds by) {
    now += by;
    book->Tick(now);
    Save();
  }
  // As from what was written down.
  void Restart() {
    auto old = std::exchange(book, nullptr);
    for (auto& firing : stats.alerts_firing) firing = 0;
    Begin();
    for (const auto& [id, alert] : old->alerts()) {
      auto restored = DecodeAlert(EncodeAlert(alert));
      REQUIRE(restored);
      book->Restore(std::move(*restored));
    }
    for (const Silence& silence : old->silences().List()) {
      auto restored = DecodeSilence(EncodeSilence(silence));
      REQUIRE(restored);
      book->Restore(std::move(*restored));
    }
    book->RestoreNumbers(old->next_notification(), old->silences().next());
    Advance(0s);
  }
  void Save() {
    for (const Notification& notification : book->changes().notifications) {
      told.push_back(notification);
    }
    for (const AlertLogEntry& entry : book->changes().log) log.push_back(entry);
    book->MarkSaved();
  }
  // "device: change" of what was told since the last call.
  std::vector<std::string> Told() {
    static constexpr const char* kChanges[] = {"fired",    "escalated", "deescalated", "repeated",
                                               "resolved", "no data",   "data back"};
    std::vector<std::string> lines;
    for (const Notification& notification : std::exchange(told, {})) {
      lines.push_back(notification.event.key.device + ": " +
                      kChanges[static_cast<int>(notification.event.change)]);
    }
    return lines;
  }
  [[nodiscard]] std::uint64_t suppressed(Suppression why) const {
    return stats.alert_notifications_suppressed[static_cast<std::size_t>(why)];
  }

  FlapConfig flap;
  CollectorStats stats;
  WallTime now = FromUnixMillis(1'700'000'000'000);
  std::unique_ptr<AlertBook> book;
  std::vector<Notification> told;
  std::vector<AlertLogEntry> log;
};

using Lines = std::vector<std::string>;

}  // namespace edgefeed
