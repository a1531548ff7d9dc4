#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "collector/ports.h"

namespace edgefeed {

// Remembers what it was told, one line each: "update edge-07 3", "backlog edge-07 2".
class FakeFleetUpdates final : public FleetUpdates {
 public:
  Status Admit(const std::string& device) override {
    if (!full) return {};
    return Error{Code::kResourceExhausted, "no room for " + device};
  }
  void Connected(const std::string& device, const std::string& address) override {
    told.push_back("connected " + device + " " + address);
  }
  void Disconnected(const std::string& device) override {
    told.push_back("disconnected " + device);
  }
  void Update(const std::string& device, Sample sample, Lane lane) override {
    told.push_back((lane == Lane::kLive ? "update " : "backlog ") + device + " " +
                   std::to_string(sample.position.sequence));
  }
  void Describe(const std::string& device, const std::shared_ptr<const DeviceInfo>& info) override {
    told.push_back("describe " + device + " " + info->run_id);
  }
  void SetFiring(const std::string& device, std::vector<std::string> rules) override {
    std::string line = "firing " + device;
    for (const std::string& rule : rules) line += " " + rule;
    told.push_back(line);
  }

  // What it was told since the last call.
  std::vector<std::string> Take() { return std::exchange(told, {}); }

  bool full = false;
  std::vector<std::string> told;
};

}  // namespace edgefeed
