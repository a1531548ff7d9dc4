#pragma once

#include <optional>
#include <string_view>

#include "common/digest/sha256.h"

namespace edgefeed {

// What ToString() makes of a digest; upper case does as well. Nothing of other text.
std::optional<Sha256Digest> ParseSha256(std::string_view digits);

}  // namespace edgefeed
