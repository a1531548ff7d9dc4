#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "common/model/clock_trust.h"

namespace edgefeed {

// For people: "340 ms", "12 s", "4 min 12 s", "3 h 12 min", "5 d 3 h".
std::string DurationWords(std::chrono::milliseconds duration);

// "kernel", "collector", "device", "guess", "unknown".
std::string_view ClockTrustName(ClockTrust trust);

// What others have said, for a terminal and for JSON: on one line, with a '?' for each byte that is
// no printable ASCII.
std::string PlainLine(std::string_view text);

}  // namespace edgefeed
