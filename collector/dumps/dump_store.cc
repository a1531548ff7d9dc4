#include "collector/dumps/dump_store.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "collector/dumps/dump_description.h"
#include "common/wire/dump_info.h"

namespace edgefeed {
namespace {

constexpr std::size_t kIdDigits = 16;

// The same for the same upload: a dump that is recorded again is not another one.
std::string DumpId(const ArrivedDump& dump) {
  const std::string key = std::string(dump.device) + '\n' + std::string(dump.upload_id);
  return ToString(Sha256Of(key)).substr(0, kIdDigits);
}

}  // namespace

Result<std::unique_ptr<DumpStore>> DumpStore::Open(const std::filesystem::path& directory,
                                                   const Parts& parts, const DumpLimits& limits) {
  auto files = DumpFiles::Open(directory / "store");
  if (!files) return files.error();
  auto dumps = DumpTable::Open(parts.database);
  if (!dumps) return dumps.error();
  auto groups = GroupTable::Open(parts.database);
  if (!groups) return groups.error();
  return std::unique_ptr<DumpStore>(
      new DumpStore(parts, limits, std::move(*files), std::move(*dumps), std::move(*groups)));
}

DumpStore::DumpStore(const Parts& parts, const DumpLimits& limits, DumpFiles files, DumpTable dumps,
                     GroupTable groups)
    : parts_(parts),
      limits_(limits),
      files_(std::move(files)),
      dumps_(std::move(dumps)),
      groups_(std::move(groups)) {}

Status DumpStore::Adopt(const std::filesystem::path& file, const Sha256Digest& sha256) {
  return files_.Adopt(file, sha256);
}

bool DumpStore::HasFile(const Sha256Digest& sha256, std::uint64_t size_bytes) const {
  return files_.Has(sha256, size_bytes);
}

Status DumpStore::Record(const ArrivedDump& dump) {
  auto info = DecodeDumpInfo(dump.description);
  if (!info) return info.error();
  DumpRecord record;
  record.id = DumpId(dump);
  record.device = dump.device;
  record.filename = dump.filename;
  record.stored_at = parts_.strand.WallNow();
  record.size_bytes = dump.size_bytes;
  record.sha256 = dump.sha256;
  record.kept = dump.size_bytes > 0;
  record.removed = record.kept ? "" : info->missing;
  const GroupShare share = ShareOf(*info, record.device, record.stored_at);
  record.group = share.signature.id;
  record.occurrences = share.occurrences;
  const bool readable = record.kept && parts_.reader != nullptr;
  record.inspection = readable ? Inspection::kWanted : Inspection::kDone;
  const auto is_new = dumps_.Insert(record, dump.description, EncodeDumpInfo(Summarize(*info)));
  if (!is_new) return is_new.error();
  return *is_new ? groups_.Add(share) : Status();
}

void DumpStore::Recorded() {}

Result<DumpUsage> DumpStore::Usage(std::string_view device) { return dumps_.Usage(device); }

Status DumpStore::MakeRoom(std::string_view /*device*/, const DumpUsage& /*fewer*/) { return {}; }

}  // namespace edgefeed
