#pragma once

#include <string_view>

#include "common/model/alert_event.h"

namespace edgefeed {

// What a rule's change is called in tests of rules and in output.
constexpr std::string_view ChangeName(AlertChange change) {
  switch (change) {
    case AlertChange::kFired: return "fired";
    case AlertChange::kEscalated: return "escalated";
    case AlertChange::kDeescalated: return "deescalated";
    case AlertChange::kRepeated: return "repeated";
    case AlertChange::kResolved: return "resolved";
    case AlertChange::kNoData: return "no_data";
    case AlertChange::kDataBack: return "data_back";
  }
  return "";
}

}  // namespace edgefeed
