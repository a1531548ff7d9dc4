#pragma once

#include <string>
#include <utility>
#include <vector>

#include "collector/ports.h"

namespace edgefeed {

// Remembers what it was given, one line each: "edge-07 3:1" (stream:sequence).
class FakeSampleStore final : public SampleStore {
 public:
  Status Append(const std::string& device, const Sample& sample, WallTime /*received*/) override {
    if (full) return Error{Code::kUnavailable, "history: no space left"};
    told.push_back(device + " " + std::to_string(sample.position.stream) + ":" +
                   std::to_string(sample.position.sequence));
    return {};
  }
  void Describe(const std::string& device, const DeviceInfo& info) override {
    told.push_back(device + " is run " + info.run_id);
  }

  [[nodiscard]] bool HasRoom() const override { return has_room; }

  // What it was told since the last call.
  std::vector<std::string> Take() { return std::exchange(told, {}); }

  bool full = false;
  bool has_room = true;
  std::vector<std::string> told;
};

}  // namespace edgefeed
