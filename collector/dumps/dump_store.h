#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "collector/dumps/dump_files.h"
#include "collector/dumps/dump_inspections.h"
#include "collector/dumps/dump_record.h"
#include "collector/dumps/dump_retention.h"
#include "collector/dumps/dump_table.h"
#include "collector/dumps/group_table.h"
#include "collector/ports.h"
#include "collector/stats.h"
#include "common/base/unique_fd.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// A dump, and what is known of its crash: EncodeDumpInfo(), whole or the summary.
struct DescribedDump {
  DumpRecord dump;
  std::string info;
};

struct OpenedDump {
  DumpRecord dump;
  UniqueFd bytes;
};

struct RemovedDumps {
  std::uint64_t dumps = 0;
  std::uint64_t bytes = 0;
};

// Crash dumps: bytes in files, what is known of them in the database, crashes that look alike in
// groups. On the uploads strand.
class DumpStore final : public DumpKeeper {
 public:
  struct Parts {
    Scheduler& strand;
    Database& database;
    DumpReader* reader;  // Null: nobody looks into dumps now.
    CollectorStats& stats;
  };

  // `parts` must outlive it.
  static Result<std::unique_ptr<DumpStore>> Open(const std::filesystem::path& directory,
                                                 const Parts& parts, const DumpLimits& limits);
  // Removes the files of no dump. When the uploads that an earlier run was finishing are recorded.
  void RemoveStrays();

  Status Adopt(const std::filesystem::path& file, const Sha256Digest& sha256) override;
  [[nodiscard]] bool HasFile(const Sha256Digest& sha256, std::uint64_t size_bytes) const override;
  Status Record(const ArrivedDump& dump) override;
  void Recorded() override;
  Result<DumpUsage> Usage(std::string_view device) override;
  Status MakeRoom(std::string_view device, const DumpUsage& fewer) override;

  // Those with the newest crash first; `device`: only groups with a crash of this one.
  Result<std::vector<DumpGroupRecord>> ListGroups(std::string_view device, const GroupCursor& after,
                                                  std::size_t limit);
  // With their summaries, newest first.
  Result<std::vector<DescribedDump>> List(const DumpFilter& filter, const DumpCursor& after,
                                          std::size_t limit);
  // `id` may be cut short. NOT_FOUND; INVALID_ARGUMENT naming some when it fits several.
  Result<DescribedDump> Get(std::string_view id);
  // FAILED_PRECONDITION when its bytes are not kept.
  Result<OpenedDump> OpenBytes(std::string_view id);
  // Dumps, and groups with all their dumps, by their whole ids. NOT_FOUND, and nothing is removed,
  // when one of them is neither.
  Result<RemovedDumps> Remove(const std::vector<std::string>& ids);

 private:
  DumpStore(const Parts& parts, const DumpLimits& limits, DumpFiles files, DumpTable dumps,
            GroupTable groups);
  Result<DumpRecord> Find(std::string_view id);
  Status AddNamed(const std::string& id, std::vector<DumpRecord>& dumps);
  void KeepWithinLimits();
  void TrimGroup(const std::string& group);
  void UpdateStats();

  const Parts parts_;
  DumpFiles files_;
  DumpTable dumps_;
  GroupTable groups_;
  DumpRetention retention_;
  DumpInspections inspections_;
  std::string last_group_;  // Of the dump that was recorded last.
  Timer expiry_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace edgefeed
