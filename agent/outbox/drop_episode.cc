#include "agent/outbox/drop_episode.h"

#include <spdlog/spdlog.h>

#include <chrono>

#include "common/base/units.h"

namespace edgefeed {
namespace {

// What is nearly full all the time is not told of each time.
constexpr std::chrono::minutes kQuiet{1};

}  // namespace

void DropEpisode::Add(std::uint64_t samples) {
  if (samples == 0) return;
  last_ = scheduler_.Now();
  if (lost_ == 0) {
    first_ = last_;
    spdlog::warn("outbox: the oldest samples are lost from now on ({}): {}", reason_, why_);
  }
  lost_ += samples;
}

void DropEpisode::HasRoom() {
  if (lost_ == 0 || scheduler_.Now() - last_ < kQuiet) return;
  const auto lasted = std::chrono::duration_cast<std::chrono::seconds>(last_ - first_);
  spdlog::info("outbox: there is room again, {} samples were lost within {} ({})",
               std::exchange(lost_, 0), FormatDuration(lasted), reason_);
}

}  // namespace edgefeed
