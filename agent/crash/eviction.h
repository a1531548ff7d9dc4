#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "agent/crash/powered_time.h"

namespace edgefeed {

// A dump with bytes, as far as its worth matters.
struct Evictable {
  std::string id;
  std::string signature;
  std::uint64_t bytes = 0;
  PoweredTime sealed_at{0};
  bool is_quarantined = false;
};

// The dump that is missed least: one in quarantine; else one that is neither the first nor the
// latest of its signature; else the oldest of the signature with the most bytes, and never the only
// one of a signature while another has two. Nothing when there is none. Pure.
std::optional<std::string> LeastMissed(std::span<const Evictable> dumps);

}  // namespace edgefeed
