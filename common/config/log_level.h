#pragma once

namespace edgefeed {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

}  // namespace edgefeed
