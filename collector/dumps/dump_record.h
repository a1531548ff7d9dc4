#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/digest/sha256.h"

namespace edgefeed {

enum class Inspection { kWanted = 0, kDone = 1, kFailed = 2 };

// Why the bytes of a dump went. In the order of kDumpRemovalNames.
enum class DumpRemoval { kExpired = 0, kGroupFull = 1, kQuota = 2, kOperator = 3 };

// A dump that was stored, or only described. What is known of the crash is in the database as bytes
// (EncodeDumpInfo()): whole, and without what is long.
struct DumpRecord {
  std::string id;  // 16 hexadecimal digits: of the digest of device and upload id.
  std::string group;
  std::string device;
  std::string filename;
  WallTime stored_at;
  std::uint64_t size_bytes = 0;
  Sha256Digest sha256{};
  bool kept = false;    // Its bytes are there.
  std::string removed;  // Why not, or not any more.
  std::uint64_t occurrences = 1;
  Inspection inspection = Inspection::kDone;
  std::string inspection_error;
};

// Crashes that look alike.
struct DumpGroupRecord {
  std::string id;
  std::string version;
  std::string title;
  std::string executable;
  std::uint32_t signal = 0;
  WallTime first_seen;
  WallTime last_seen;
  std::uint64_t occurrences = 0;
  std::uint64_t kept_dumps = 0;
  std::uint64_t kept_bytes = 0;
  std::uint64_t device_count = 0;
  std::vector<std::string> devices;   // Some of them.
  std::vector<std::string> versions;  // Of the program, at most 8.
};

}  // namespace edgefeed
