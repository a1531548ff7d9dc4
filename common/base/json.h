#pragma once

#include <string>
#include <string_view>

namespace edgefeed {

// The text as a JSON string, with its quotes (RFC 8259). Whatever is not UTF-8 stays as it is.
std::string JsonString(std::string_view text);

}  // namespace edgefeed
