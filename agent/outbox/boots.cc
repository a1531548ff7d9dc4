#include "agent/outbox/boots.h"

#include <algorithm>

namespace edgefeed {
namespace {

// Which of two statements about the same boot counts. The kernel and the collector are one class:
// the last of them is what the device went by.
int RankOf(ClockTrust trust) {
  if (trust >= ClockTrust::kCollector) return 2;
  return trust == ClockTrust::kDevice ? 1 : 0;
}

bool IsVouchedFor(const BootStart& start) { return start.trust >= ClockTrust::kCollector; }

}  // namespace

std::optional<BootTrace> TraceOf(const BootId& id, const Sample& sample) {
  if (id == BootId{} || !sample.since_boot) return std::nullopt;
  return BootTrace{.id = id,
                   .since_boot = *sample.since_boot,
                   .start = {sample.time - *sample.since_boot, sample.clock}};
}

void Boots::Note(const BootTrace& trace) {
  auto boot = std::ranges::find(boots_, trace.id, &Boot::id);
  if (boot == boots_.end()) {
    boot = boots_.insert(boot, Boot{.id = trace.id, .start = trace.start});
  }
  if (RankOf(trace.start.trust) >= RankOf(boot->start.trust)) boot->start = trace.start;
  boot->last = std::max(boot->last, trace.since_boot);
}

bool Boots::IsBetter(const BootId& id, ClockTrust trust) const {
  const auto boot = std::ranges::find(boots_, id, &Boot::id);
  return boot != boots_.end() && RankOf(trust) > RankOf(boot->start.trust);
}

std::size_t Boots::never_set(const BootId& now) const {
  return static_cast<std::size_t>(std::ranges::count_if(boots_, [&now](const Boot& boot) {
    return boot.id != now && RankOf(boot.start.trust) == 0;
  }));
}

// A clock that nobody vouches for is wrong if it runs into a later boot whose time is sure, and if
// it has gone back behind an earlier boot: so does a clock whose battery is empty.
std::vector<bool> Boots::Believable(std::span<const Boot> earlier, const BootStart& now) {
  std::vector<WallTime> before(earlier.size());
  WallTime limit = IsVouchedFor(now) ? now.time : WallTime::max();
  for (std::size_t i = earlier.size(); i-- > 0;) {
    before[i] = limit;
    if (IsVouchedFor(earlier[i].start)) limit = std::min(limit, earlier[i].start.time);
  }
  std::vector<bool> believable(earlier.size());
  WallTime after = WallTime::min();
  for (std::size_t i = 0; i < earlier.size(); ++i) {
    const Boot& boot = earlier[i];
    const bool fits = boot.start.time >= after && boot.end() <= before[i];
    believable[i] = IsVouchedFor(boot.start) || (RankOf(boot.start.trust) > 0 && fits);
    if (believable[i]) after = std::max(after, boot.end());
  }
  return believable;
}

std::optional<BootStart> Boots::Find(const BootId& id, const ThisBoot& now) const {
  std::span<const Boot> earlier = boots_;
  if (!earlier.empty() && earlier.back().id == now.id) earlier = earlier.first(earlier.size() - 1);
  const std::vector<bool> believable = Believable(earlier, now.start);
  WallTime next = now.start.time;
  for (std::size_t i = earlier.size(); i-- > 0;) {
    const Boot& boot = earlier[i];
    BootStart start = boot.start;
    if (!believable[i]) start = {next - boot.last, ClockTrust::kGuess};
    if (boot.id == id) return start;
    next = start.time;
  }
  return std::nullopt;
}

}  // namespace edgefeed
