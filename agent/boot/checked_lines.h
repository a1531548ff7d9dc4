#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"

namespace edgefeed {

// Text that says what it is in its first line, and with a last line that says whether it is whole:
//   edgefeed-boot 1
//   …
//   crc 89abcdef
// `lines` end with a newline each.
std::string AddChecks(std::string_view kind, std::string_view lines);
// The lines between. DATA_LOSS when the text is not of this kind, whole and unchanged;
// UNIMPLEMENTED when a newer program wrote it.
Result<std::string_view> TakeChecks(std::string_view kind, std::string_view text);

}  // namespace edgefeed
