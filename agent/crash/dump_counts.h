#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace edgefeed {

// What became of the dumps that were in the spool.
struct SpoolCounts {
  std::uint64_t waiting = 0;  // Those in it now, also in quarantine …
  std::uint64_t bytes = 0;
  std::uint64_t quarantined = 0;  // … which these are.
  std::uint64_t delivered = 0;
  std::map<std::string, std::uint64_t> dropped;  // By reason: bytes that nobody will ever see.
};

// What became of what was found. Everything taken is sealed or suppressed.
struct PickupCounts {
  std::uint64_t taken = 0;                       // Sealed, also as a description only.
  std::uint64_t suppressed = 0;                  // Counted only.
  std::map<std::string, std::uint64_t> skipped;  // By reason: what is in the way and no dump.
};

struct DumpCounts {
  SpoolCounts spool;
  PickupCounts pickup;
};

}  // namespace edgefeed
