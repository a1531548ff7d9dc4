#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/dumps/dump_files.h"
#include "collector/dumps/dump_record.h"
#include "collector/dumps/dump_table.h"
#include "collector/dumps/group_table.h"
#include "collector/ports.h"
#include "collector/stats.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

struct DumpLimits {
  std::chrono::hours keep{30 * 24};  // Bytes of a dump.
  std::uint32_t per_group = 10;      // Dumps of a group whose bytes are kept.
};

// Crash dumps: bytes in files, what is known of them in the database, crashes that look alike in
// groups. On the uploads strand.
class DumpStore final : public DumpKeeper {
 public:
  struct Parts {
    Scheduler& strand;
    Database& database;
    DumpReader* reader;  // Null: nobody looks into dumps.
    CollectorStats& stats;
  };

  // `parts` must outlive it.
  static Result<std::unique_ptr<DumpStore>> Open(const std::filesystem::path& directory,
                                                 const Parts& parts, const DumpLimits& limits);

  Status Adopt(const std::filesystem::path& file, const Sha256Digest& sha256) override;
  [[nodiscard]] bool HasFile(const Sha256Digest& sha256, std::uint64_t size_bytes) const override;
  Status Record(const ArrivedDump& dump) override;
  void Recorded() override;
  Result<DumpUsage> Usage(std::string_view device) override;
  Status MakeRoom(std::string_view device, const DumpUsage& fewer) override;

 private:
  DumpStore(const Parts& parts, const DumpLimits& limits, DumpFiles files, DumpTable dumps,
            GroupTable groups);

  const Parts parts_;
  const DumpLimits limits_;
  DumpFiles files_;
  DumpTable dumps_;
  GroupTable groups_;
};

}  // namespace edgefeed
