#pragma once

#include <string>

#include "common/model/notification.h"

namespace edgefeed {

// CPU_HIGH on a device, as a warning.
inline Notification SomeNotification(std::uint64_t number, AlertChange change,
                                     std::string device = "edge-7") {
  Notification notification;
  notification.number = number;
  notification.started = FromUnixMillis(1'700'000'000'000);
  notification.event = {.key = {.device = std::move(device),
                                .rule = "CPU_HIGH",
                                .series = {.metric = "cpu_usage", .labels = {}}},
                        .kind = AlertKind::kThreshold,
                        .change = change,
                        .severity = Severity::kWarning,
                        .value = 97.5,
                        .threshold = 90,
                        .message = "edge-7: cpu_usage is 97.5, above 90",
                        .time = FromUnixMillis(1'700'000'000'250),
                        .late = false,
                        .device_labels = {{"site", "lab"}},
                        .parent = {}};
  return notification;
}

inline Notification WithSeverity(Notification notification, Severity severity) {
  notification.event.severity = severity;
  return notification;
}

}  // namespace edgefeed
