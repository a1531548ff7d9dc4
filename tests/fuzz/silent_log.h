#pragma once

#include <spdlog/spdlog.h>

namespace edgefeed {

// Nothing is logged from now on: what a parser has to say of damage, it would say a thousand times
// a second.
inline bool SilenceLog() {
  spdlog::set_level(spdlog::level::off);
  return true;
}

}  // namespace edgefeed
