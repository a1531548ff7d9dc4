#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace edgefeed {

// Which devices are offline, as alerts say, and whose children they are.
class OfflineDevices {
 public:
  // An offline alert of the device fires. True when it is the device's first.
  bool Add(const std::string& device, const std::string& parent, const std::string& alert);
  // It does not any more. True when it was the device's last.
  bool Remove(const std::string& device, const std::string& parent, const std::string& alert);

  // Whether the device cannot be heard because its parent cannot be. False for devices that are
  // each other's parents.
  [[nodiscard]] bool IsBehind(const std::string& device, const std::string& parent) const;
  // The alerts of the offline children of the device.
  [[nodiscard]] std::vector<std::string> ChildrenOf(const std::string& parent) const;

 private:
  struct Device {
    std::set<std::string> alerts;
    std::string parent;
  };
  std::map<std::string, Device> devices_;
  std::map<std::string, std::set<std::string>> children_;  // By parent.
};

}  // namespace edgefeed
