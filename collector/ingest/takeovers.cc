#include "collector/ingest/takeovers.h"

namespace edgefeed {

void Takeovers::Contested(SteadyTime now) {
  contested_.push_back(now);
  if (contested_.size() > kAllowed) contested_.pop_front();
}

bool Takeovers::InConflict(SteadyTime now) const {
  return contested_.size() == kAllowed && now - contested_.front() < kWithin;
}

}  // namespace edgefeed
