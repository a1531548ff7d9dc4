#pragma once

#include <array>
#include <string_view>

#include "common/model/alert_event.h"

// How alerts are told of, to programs.
namespace edgefeed {

// In the order of AlertChange.
constexpr std::array<std::string_view, 7> kAlertChangeNames = {
    "fired", "escalated", "deescalated", "repeated", "resolved", "no_data", "data_back"};

// In the order of AlertKind.
constexpr std::array<std::string_view, 3> kAlertKindNames = {"threshold", "offline", "no_data"};

constexpr std::string_view AlertChangeName(AlertChange change) {
  return kAlertChangeNames[static_cast<std::size_t>(change)];
}

constexpr std::string_view AlertKindName(AlertKind kind) {
  return kAlertKindNames[static_cast<std::size_t>(kind)];
}

}  // namespace edgefeed
