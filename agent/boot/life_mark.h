#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/model/clock_trust.h"

namespace edgefeed {

// A moment at which a boot was still going on. FORMAT.md has the bytes.
struct LifeMark {
  std::string boot_id;
  std::chrono::milliseconds since_boot{0};
  WallTime started;  // When that boot began, as well as it was known then.
  ClockTrust trust = ClockTrust::kUnknown;
  friend bool operator==(const LifeMark&, const LifeMark&) = default;
};

// Always of the same size, and less than a sector: it is written over the one before.
std::string EncodeLifeMark(const LifeMark& mark);
// DATA_LOSS when these are not the bytes of a mark, whole and unchanged; UNIMPLEMENTED when a newer
// program wrote them.
Result<LifeMark> DecodeLifeMark(std::string_view bytes);

}  // namespace edgefeed
