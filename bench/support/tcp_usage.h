#pragma once

#include <cstdint>

namespace edgefeed::bench {

// What this process has put on, and taken off, the wire: TCP payload bytes and segments.
struct TcpUsage {
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t segments_sent = 0;
  std::uint64_t segments_received = 0;
};

TcpUsage operator-(const TcpUsage& a, const TcpUsage& b);

// Sums the kernel's TCP_INFO over every TCP socket that is open in this process, also those that
// gRPC keeps to itself: what `ss -ti` shows, without a look from outside that comes too early or
// late.
TcpUsage OpenSocketsUsage();

}  // namespace edgefeed::bench
