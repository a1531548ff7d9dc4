#include "agent/outbox/drop_episode.h"

#include <spdlog/spdlog.h>

#include <chrono>

#include "common/base/units.h"

namespace edgefeed {

void DropEpisode::Add(std::uint64_t samples) {
  if (samples == 0) return;
  if (lost_ == 0) {
    since_ = scheduler_.Now();
    spdlog::warn("outbox: the oldest samples are lost from now on ({}): {}", reason_, why_);
  }
  lost_ += samples;
}

void DropEpisode::End() {
  const std::uint64_t lost = std::exchange(lost_, 0);
  if (lost == 0) return;
  const auto lasted = std::chrono::duration_cast<std::chrono::seconds>(scheduler_.Now() - since_);
  spdlog::info("outbox: there is room again after {}, {} samples were lost ({})",
               FormatDuration(lasted), lost, reason_);
}

}  // namespace edgefeed
