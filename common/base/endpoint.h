#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace edgefeed {

// Where a server is, or listens: "collector.example:50051", "10.0.0.1:50051", "[::1]:50051".
struct Endpoint {
  std::string host;  // Without brackets.
  std::uint16_t port = 0;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

Result<Endpoint> ParseEndpoint(std::string_view text);

// host:port, with brackets around an IPv6 address.
std::string ToString(const Endpoint& endpoint);

// 127.0.0.0/8, ::1, or the name localhost: what plaintext may be used for.
bool IsLoopback(const Endpoint& endpoint);

}  // namespace edgefeed
