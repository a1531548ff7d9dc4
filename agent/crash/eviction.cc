#include "agent/crash/eviction.h"

#include <algorithm>
#include <map>
#include <vector>

namespace edgefeed {
namespace {

// The dumps of one signature, oldest first.
struct Group {
  std::vector<const Evictable*> dumps;
  std::uint64_t bytes = 0;
};

std::map<std::string, Group> ByAge(std::span<const Evictable> dumps) {
  std::map<std::string, Group> groups;
  for (const Evictable& dump : dumps) {
    Group& group = groups[dump.signature];
    group.dumps.push_back(&dump);
    group.bytes += dump.bytes;
  }
  for (auto& [signature, group] : groups) {
    std::ranges::stable_sort(group.dumps, {}, [](const auto* dump) { return dump->sealed_at; });
  }
  return groups;
}

}  // namespace

std::optional<std::string> LeastMissed(std::span<const Evictable> dumps) {
  const auto poison = std::ranges::find(dumps, true, &Evictable::is_quarantined);
  if (poison != dumps.end()) return poison->id;
  const Group* crowd = nullptr;    // Most bytes of those with three or more.
  const Group* pair = nullptr;     // … with two or more.
  const Group* largest = nullptr;  // … of all.
  const auto prefer = [](const Group*& best, const Group& group) {
    if (best == nullptr || group.bytes > best->bytes) best = &group;
  };
  const auto groups = ByAge(dumps);
  for (const auto& [signature, group] : groups) {
    if (group.dumps.size() > 2) prefer(crowd, group);
    if (group.dumps.size() > 1) prefer(pair, group);
    prefer(largest, group);
  }
  if (crowd != nullptr) return crowd->dumps[1]->id;
  if (pair != nullptr) return pair->dumps[0]->id;
  if (largest != nullptr) return largest->dumps[0]->id;
  return std::nullopt;
}

}  // namespace edgefeed
