#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace edgefeed {

// The secret that a file holds, without blanks around it. INVALID_ARGUMENT when it is empty or
// longer than 4 KiB, PERMISSION_DENIED when users of no concern to it may read the file.
Result<std::string> ReadSecret(const std::filesystem::path& file);

// "t=TIME,v1=HEX": HMAC-SHA256 with the secret over "TIME.BODY".
std::string WebhookSignature(std::string_view secret, std::int64_t unix_seconds,
                             std::string_view body);

}  // namespace edgefeed
