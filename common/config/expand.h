#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/config/environment.h"

namespace edgefeed {

// Replaces ${NAME} by the variable, which must be set, ${NAME:-default} by the default when the
// variable is unset or empty, and $$ by one $. Any other $ stays. A default may hold ${…} itself.
// What a variable holds is not expanded again.
Result<std::string> ExpandVariables(std::string_view text, const Environment& environment);

}  // namespace edgefeed
