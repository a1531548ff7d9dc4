#pragma once

#include <functional>
#include <optional>
#include <string>

namespace edgefeed {

// Looks up what ${NAME} stands for; nothing when it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// The process's environment. HOSTNAME is always there: shells and services rarely export it, so the
// kernel's host name stands in.
Environment ProcessEnvironment();

}  // namespace edgefeed
