#pragma once

#include "common/base/units.h"
#include "common/wire/payload_decoder.h"

namespace edgefeed {

struct FeedLimits {
  PayloadLimits payload;
  Bytes payload_size = KiB(256);
  // A second, after eight seconds' worth at once; a payload counts as 256 bytes at least, each of
  // its values as 8, and one with anything to reject, or that is refused, as 64 KiB.
  Bytes rate = KiB(128);
};

}  // namespace edgefeed
