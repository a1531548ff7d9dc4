#include "collector/alerts/offline_devices.h"

namespace edgefeed {
namespace {

// Of parents of parents that are looked at.
constexpr int kDeepest = 16;

}  // namespace

bool OfflineDevices::Add(const std::string& device, const std::string& parent,
                         const std::string& alert) {
  Device& added = devices_[device];
  added.alerts.insert(alert);
  added.parent = parent;
  if (!parent.empty()) children_[parent].insert(alert);
  return added.alerts.size() == 1;
}

bool OfflineDevices::Remove(const std::string& device, const std::string& parent,
                            const std::string& alert) {
  if (const auto siblings = children_.find(parent); siblings != children_.end()) {
    siblings->second.erase(alert);
    if (siblings->second.empty()) children_.erase(siblings);
  }
  const auto found = devices_.find(device);
  if (found == devices_.end()) return false;
  found->second.alerts.erase(alert);
  if (!found->second.alerts.empty()) return false;
  devices_.erase(found);
  return true;
}

bool OfflineDevices::IsBehind(const std::string& device, const std::string& parent) const {
  auto found = devices_.find(parent);
  if (parent.empty() || found == devices_.end()) return false;
  for (int depth = 0; depth < kDeepest && found != devices_.end(); ++depth) {
    if (found->first == device) return false;
    found = devices_.find(found->second.parent);
  }
  return true;
}

std::vector<std::string> OfflineDevices::ChildrenOf(const std::string& parent) const {
  const auto found = children_.find(parent);
  if (found == children_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

}  // namespace edgefeed
