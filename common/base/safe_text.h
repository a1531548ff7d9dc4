#pragma once

#include <string>
#include <string_view>

namespace edgefeed {

// Text from devices and collectors, made harmless for a terminal: without escape sequences, control
// characters (C0, DEL, C1), line breaks and characters that turn the direction of writing. Bytes
// that are not UTF-8 become '?'.
std::string SafeText(std::string_view text);

}  // namespace edgefeed
