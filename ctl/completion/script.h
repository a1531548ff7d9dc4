#pragma once

#include <string_view>

namespace edgefeed {

// edgefeedctl.bash, as it lies beside this header.
extern const std::string_view kBashCompletion;

}  // namespace edgefeed
