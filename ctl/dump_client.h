#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/digest/sha256.h"
#include "common/model/dump.h"

// What edgefeedctl asks of a collector about crash dumps.
namespace edgefeed {

// Crashes that look alike.
struct DumpGroupEntry {
  std::string id;
  std::string version;  // How it was made: see SignatureOf().
  std::string title;
  WallTime first_seen;
  WallTime last_seen;
  std::uint64_t occurrences = 0;  // Also those of which no dump is kept.
  std::uint64_t dumps = 0;        // Of which the bytes are kept.
  std::uint64_t bytes = 0;        // Of these.
  std::uint64_t device_count = 0;
  std::vector<std::string> devices;   // Some of them.
  std::vector<std::string> versions;  // Of the program.
  std::string json;                   // As in DeviceEntry.
};

struct DumpEntry {
  std::string id;
  std::string group;
  std::string device;
  WallTime stored_at;
  Sha256Digest sha256{};         // Of the stored bytes.
  std::uint64_t size_bytes = 0;  // 0: there never were any.
  bool kept = false;             // They can be downloaded.
  std::string filename;          // For people.
  std::string note;              // Why bytes are gone, or nothing was found in them.
  DumpInfo info;                 // In a list without threads, modules, log and metrics.
  std::string json;
};

struct DumpListRequest {
  std::string group;   // Empty: of all groups.
  std::string device;  // Empty: of all devices.
  std::uint32_t limit = 0;
};

struct DumpsRemoved {
  std::uint64_t dumps = 0;
  std::uint64_t bytes = 0;
  std::string json;
};

// Takes the bytes of a dump, in order.
class DumpSink {
 public:
  virtual ~DumpSink() = default;
  // First: of the whole, as stored.
  virtual Status Expect(std::uint64_t size_bytes, const Sha256Digest& sha256) = 0;
  virtual Status Take(std::string_view bytes) = 0;
};

// Blocking calls. Errors say what the user can do.
class DumpClient {
 public:
  virtual ~DumpClient() = default;
  // Newest crash first.
  virtual Result<std::vector<DumpGroupEntry>> ListGroups(const DumpListRequest& request) = 0;
  virtual Result<std::vector<DumpEntry>> ListDumps(const DumpListRequest& request) = 0;
  virtual Result<DumpEntry> GetDump(const std::string& id) = 0;
  // From `offset` to the end. DATA_LOSS when bytes have changed on the way, or are missing.
  virtual Status Download(const std::string& id, std::uint64_t offset, DumpSink& sink) = 0;
  // Dumps, and groups with all their dumps.
  virtual Result<DumpsRemoved> Remove(const std::vector<std::string>& ids) = 0;
};

}  // namespace edgefeed
