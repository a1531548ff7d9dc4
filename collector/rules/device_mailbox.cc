#include "collector/rules/device_mailbox.h"

#include <algorithm>
#include <utility>

namespace edgefeed {
namespace {

// By the collector's clock: they grow from one run to the next, whatever the last one got written
// down, unless the clock was set back meanwhile.
std::uint64_t NumberAfter(std::uint64_t last, WallTime now) {
  return std::max(last + 1, UnixMillis(now));
}

}  // namespace

void DeviceMailbox::Add(Alert alert, const Series& series, WallTime now, const Limits& limits,
                        CollectorStats& stats) {
  std::string subject = alert.rule + " " + ToString(series);
  auto& letters = memory_.letters;
  std::erase_if(letters, [&](const Letter& letter) {
    return letter.subject == subject && !letter.alert.resolved && (alert.resolved || letter.sent);
  });
  if (alert.resolved && memory_.told.erase(subject) == 0) return;
  alert.number = memory_.last_number = NumberAfter(memory_.last_number, now);
  if (letters.size() >= limits.alerts) {
    letters.pop_front();
    ++stats.alerts_dropped;
  }
  letters.push_back({.alert = std::move(alert), .subject = std::move(subject), .written = now});
}

const Alert* DeviceMailbox::Next(std::uint64_t after, WallTime now, const Limits& limits,
                                 CollectorStats& stats) {
  auto& letters = memory_.letters;
  while (!letters.empty() && now - letters.front().written > limits.time_to_live) {
    ++stats.alerts_expired;
    letters.pop_front();
  }
  const auto next = std::ranges::find_if(
      letters, [&](const Letter& letter) { return letter.alert.number > after; });
  if (next == letters.end()) return nullptr;
  if (std::exchange(next->sent, true)) ++stats.alerts_resent;
  if (!next->alert.resolved) memory_.told.insert(next->subject);
  return &next->alert;
}

bool DeviceMailbox::Acknowledge(std::uint64_t number) {
  auto& letters = memory_.letters;
  const auto first_kept =
      std::ranges::find_if(letters, [&](const Letter& l) { return l.alert.number > number; });
  if (first_kept == letters.begin()) return false;
  letters.erase(letters.begin(), first_kept);
  return true;
}

void DeviceMailbox::Restore(Memory memory) {
  memory_ = std::move(memory);
  for (const Letter& letter : memory_.letters) {
    if (!letter.alert.resolved) memory_.told.insert(letter.subject);
  }
}

}  // namespace edgefeed
