#pragma once

#include <string>

#include "common/base/result.h"

namespace edgefeed {

// 256 random bits, as "edgefeed_" and 64 hexadecimal digits: who finds one knows what it is for.
Result<std::string> NewTokenSecret();

}  // namespace edgefeed
