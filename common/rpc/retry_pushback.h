#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace edgefeed {

// gRPC's own word for when to come back: trailing metadata of a call that was refused, which
// clients of other makes obey as well (gRPC proposal A6).
constexpr std::string_view kRetryPushbackKey = "grpc-retry-pushback-ms";

// No server may send a client away for longer.
constexpr std::chrono::milliseconds kLongestPushback = std::chrono::minutes(10);

std::string FormatRetryPushback(std::chrono::milliseconds wait);

// 0 for what is no number, and for a negative one: "do not try again", which is the caller's to
// decide.
std::chrono::milliseconds ParseRetryPushback(std::string_view text);

}  // namespace edgefeed
