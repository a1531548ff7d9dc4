#include "agent/outbox/sequence_set.h"

#include <algorithm>
#include <limits>

#include "common/base/sizes.h"

namespace edgefeed {

void SequenceSet::Append(std::uint64_t sequence) {
  if (!runs_.empty() && runs_.back().last + 1 == sequence) {
    runs_.back().last = sequence;
  } else {
    runs_.push_back({sequence, sequence});
  }
}

std::size_t SequenceSet::EraseUpTo(std::uint64_t last) {
  const std::size_t count = CountUpTo(last);
  std::erase_if(runs_, [last](const Run& run) { return run.last <= last; });
  if (!runs_.empty()) runs_.front().first = std::max(runs_.front().first, last + 1);
  return count;
}

bool SequenceSet::Erase(std::uint64_t sequence) {
  const auto run = std::ranges::lower_bound(runs_, sequence, {}, &Run::last);
  if (run == runs_.end() || run->first > sequence) return false;
  const Run before{run->first, sequence - 1};
  const Run after{sequence + 1, run->last};
  auto place = runs_.erase(run);
  if (after.first <= after.last) place = runs_.insert(place, after);
  if (before.first <= before.last) runs_.insert(place, before);
  return true;
}

std::optional<std::uint64_t> SequenceSet::Next(std::uint64_t after) const {
  const auto run = std::ranges::upper_bound(runs_, after, {}, &Run::last);
  if (run == runs_.end()) return std::nullopt;
  return std::max(run->first, after + 1);
}

bool SequenceSet::Contains(std::uint64_t sequence) const {
  return sequence > 0 && Next(sequence - 1) == sequence;
}

std::size_t SequenceSet::CountUpTo(std::uint64_t last) const {
  std::size_t count = 0;
  for (const Run& run : runs_) {
    if (run.first > last) break;
    count += ToSize(std::min(run.last, last) - run.first + 1);
  }
  return count;
}

std::size_t SequenceSet::size() const {
  return CountUpTo(std::numeric_limits<std::uint64_t>::max());
}

}  // namespace edgefeed
