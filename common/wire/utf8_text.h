#pragma once

#include <string>
#include <string_view>

namespace edgefeed {

// The text with a '?' for each byte that is not part of a UTF-8 character (RFC 3629): a message
// with others in a string cannot be parsed.
std::string Utf8Text(std::string_view text);

}  // namespace edgefeed
