#include "agent/boot/verdict.h"

#include <algorithm>
#include <chrono>

namespace edgefeed {
namespace {

// A note that was read before is of an earlier shutdown.
bool WasShutDown(const BootClues& clues) {
  return clues.shutdown && (!clues.record || clues.record->noted != clues.shutdown->boot_id);
}

BootVerdict Reason(const BootClues& clues) {
  const auto& death = clues.crashes.death;
  const bool is_first = !clues.record && !clues.alive;
  if (is_first) return {.detail = "the agent's first start here"};
  if (death && death->is_panic) return {BootReason::kKernelPanic, death->line, {}};
  if (WasShutDown(clues)) return {BootReason::kClean, {}, {}};
  if (death) return {BootReason::kKernelPanic, death->line, {}};
  if (clues.watchdog.reason != BootReason::kUnknown) {
    return {clues.watchdog.reason, clues.watchdog.detail, {}};
  }
  if (clues.shutdowns_are_noted || clues.shutdown) return {BootReason::kUnclean, {}, {}};
  return {.detail = "a power cut, a reset, or a shutdown of which no note is taken"};
}

// The mark dates all that happened in its boot.
std::optional<WallTime> LastSignOfLife(const BootClues& clues) {
  if (!clues.alive || clues.alive->trust < ClockTrust::kCollector) return std::nullopt;
  const LifeMark& alive = *clues.alive;
  std::chrono::milliseconds last = alive.since_boot;
  if (WasShutDown(clues)) {
    if (clues.shutdown->boot_id != alive.boot_id) return std::nullopt;
    last = std::max(last, clues.shutdown->since_boot);
  }
  if (clues.crashes.death) last = std::max(last, clues.crashes.death->since_boot.value_or(last));
  return alive.started + last;
}

}  // namespace

BootVerdict JudgeBoot(const BootClues& clues) {
  BootVerdict verdict = Reason(clues);
  verdict.ended = LastSignOfLife(clues);
  return verdict;
}

}  // namespace edgefeed
