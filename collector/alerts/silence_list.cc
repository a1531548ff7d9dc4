#include "collector/alerts/silence_list.h"

#include <algorithm>
#include <string>
#include <utility>

namespace edgefeed {

void SilenceList::Restore(Silence silence) {
  const std::uint64_t number = silence.number;
  next_ = std::max(next_, number + 1);
  silences_.insert_or_assign(number, SilenceInForce(std::move(silence)));
}

void SilenceList::RestoreNext(std::uint64_t number) { next_ = std::max(next_, number); }

Result<Silence> SilenceList::Add(Silence silence, WallTime now) {
  if (Status checked = CheckSilence(silence, now); !checked) return checked.error();
  if (silences_.size() >= kMost) {
    return Error{Code::kResourceExhausted,
                 "silence: there are 10000 already, with those of the last five days"};
  }
  silence.number = next_++;
  silence.created = now;
  silences_.emplace(silence.number, SilenceInForce(silence));
  return silence;
}

Result<Silence> SilenceList::Expire(std::uint64_t number, WallTime now) {
  const auto found = silences_.find(number);
  if (found == silences_.end()) {
    return Error{Code::kNotFound, "silence " + std::to_string(number) + ": there is none"};
  }
  if (found->second.silence().expired(now)) {
    return Error{Code::kNotFound, "silence " + std::to_string(number) + ": has ended already"};
  }
  found->second.ExpireAt(now);
  return found->second.silence();
}

std::vector<std::uint64_t> SilenceList::Forget(WallTime now) {
  std::vector<std::uint64_t> forgotten;
  std::erase_if(silences_, [&](const auto& entry) {
    if (!entry.second.silence().expired(now - kKept)) return false;
    forgotten.push_back(entry.first);
    return true;
  });
  return forgotten;
}

bool SilenceList::Look(WallTime now) {
  std::vector<std::uint64_t> holding;
  for (const auto& [number, silence] : silences_) {
    if (silence.Holds(now)) holding.push_back(number);
  }
  if (holding == holding_) return false;
  holding_ = std::move(holding);
  return true;
}

std::vector<std::uint64_t> SilenceList::Covering(const AlertEvent& event) const {
  std::vector<std::uint64_t> covering;
  for (const std::uint64_t number : holding_) {
    const auto found = silences_.find(number);
    if (found != silences_.end() && found->second.Covers(event)) covering.push_back(number);
  }
  return covering;
}

const Silence* SilenceList::Find(std::uint64_t number) const {
  const auto found = silences_.find(number);
  return found == silences_.end() ? nullptr : &found->second.silence();
}

bool SilenceList::Holds(std::uint64_t number) const {
  return std::ranges::binary_search(holding_, number);
}

std::vector<Silence> SilenceList::List() const {
  std::vector<Silence> list;
  list.reserve(silences_.size());
  for (const auto& [number, silence] : silences_) list.push_back(silence.silence());
  return list;
}

}  // namespace edgefeed
