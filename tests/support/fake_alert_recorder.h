#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "collector/ports.h"

namespace edgefeed {

// Keeps what it was told.
class FakeAlertRecorder final : public AlertRecorder {
 public:
  void Record(std::vector<AlertEvent> more, DeviceRuleState state) override {
    ++records;
    states[state.device] = std::move(state.bytes);
    for (AlertEvent& event : more) events.push_back(std::move(event));
  }

  // The events since the last call.
  std::vector<AlertEvent> Take() { return std::exchange(events, {}); }

  std::vector<AlertEvent> events;
  std::map<std::string, std::string> states;  // The newest of each device.
  int records = 0;
};

}  // namespace edgefeed
