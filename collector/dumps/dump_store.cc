#include "collector/dumps/dump_store.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

#include "collector/dumps/dump_description.h"
#include "common/wire/dump_info.h"

namespace edgefeed {
namespace {

constexpr std::size_t kIdDigits = 16;
// So many dumps that an id fits are named.
constexpr std::size_t kMostNamed = 4;
constexpr std::size_t kMostOfGroup = 100'000;
constexpr std::chrono::hours kExpiryPeriod{1};

// The digest that a file is named after.
std::optional<Sha256Digest> DigestFromHex(std::string_view name) {
  Sha256Digest digest{};
  if (name.size() != digest.size() * 2) return std::nullopt;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const std::string_view digits = name.substr(2 * i, 2);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), digest[i], 16);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  }
  return digest;
}

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
  std::unique_ptr<DumpStore> store(
      new DumpStore(parts, limits, std::move(*files), *dumps, *groups));
  parts.strand.Post([store = store.get(), alive = std::weak_ptr(store->alive_)] {
    if (alive.expired()) return;
    store->KeepWithinLimits();
    store->inspections_.Next();
  });
  return store;
}

DumpStore::DumpStore(const Parts& parts, const DumpLimits& limits, DumpFiles files, DumpTable dumps,
                     GroupTable groups)
    : parts_(parts),
      files_(std::move(files)),
      dumps_(dumps),
      groups_(groups),
      retention_({.database = parts.database,
                  .dumps = dumps_,
                  .groups = groups_,
                  .files = files_,
                  .stats = parts.stats},
                 limits),
      inspections_({.database = parts.database,
                    .dumps = dumps_,
                    .groups = groups_,
                    .files = files_,
                    .reader = parts.reader,
                    .stats = parts.stats},
                   [this](const std::string& group) { TrimGroup(group); }) {}

void DumpStore::RemoveStrays() {
  files_.RemoveUnless([this](const std::string& name) {
    const auto digest = DigestFromHex(name);
    if (!digest) return true;  // Not ours.
    const auto dumps = dumps_.KeptWith(*digest);
    return !dumps || *dumps > 0;
  });
}

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
  record.inspection = record.kept ? Inspection::kWanted : Inspection::kDone;
  const auto is_new = dumps_.Insert(record, dump.description, EncodeDumpInfo(Summarize(*info)));
  if (!is_new) return is_new.error();
  if (!*is_new) return {};
  last_group_ = record.group;
  return groups_.Add(share);
}

void DumpStore::Recorded() {
  ++parts_.stats.dumps_recorded;
  TrimGroup(last_group_);
  UpdateStats();
  inspections_.Next();
}

void DumpStore::TrimGroup(const std::string& group) {
  if (const Status trimmed = retention_.TrimGroup(group); !trimmed) {
    spdlog::error("dumps: {}", trimmed.error().message);
  }
}

Result<DumpUsage> DumpStore::Usage(std::string_view device) { return dumps_.Usage(device); }

Status DumpStore::MakeRoom(std::string_view device, const DumpUsage& fewer) {
  Status made = retention_.MakeRoom(device, fewer);
  UpdateStats();
  return made;
}

void DumpStore::KeepWithinLimits() {
  expiry_ = parts_.strand.RunAfter(kExpiryPeriod, [this] { KeepWithinLimits(); });
  if (const Status expired = retention_.Expire(parts_.strand.WallNow()); !expired) {
    spdlog::error("dumps: {}", expired.error().message);
  }
  UpdateStats();
}

void DumpStore::UpdateStats() {
  if (const auto kept = dumps_.CountKept()) parts_.stats.dumps_kept = *kept;
  if (const auto usage = dumps_.Usage({})) parts_.stats.dump_bytes = usage->all_bytes;
  if (const auto groups = groups_.Count()) parts_.stats.dump_groups = *groups;
}

Result<std::vector<DumpGroupRecord>> DumpStore::ListGroups(std::string_view device,
                                                           const GroupCursor& after,
                                                           std::size_t limit) {
  return groups_.List(device, after, limit);
}

Result<std::vector<DescribedDump>> DumpStore::List(const DumpFilter& filter,
                                                   const DumpCursor& after, std::size_t limit) {
  auto dumps = dumps_.List(filter, after, limit);
  if (!dumps) return dumps.error();
  std::vector<DescribedDump> described;
  for (DumpRecord& dump : *dumps) {
    auto summary = dumps_.Summary(dump.id);
    if (!summary) return summary.error();
    described.push_back({.dump = std::move(dump), .info = std::move(*summary)});
  }
  return described;
}

Result<DumpRecord> DumpStore::Find(std::string_view id) {
  if (id.empty()) return Error{Code::kInvalidArgument, "no id of a dump"};
  auto found = dumps_.WithPrefix(id, kMostNamed);
  if (!found) return found.error();
  if (found->empty()) {
    return Error{Code::kNotFound, "no dump '" + std::string(id.substr(0, kIdDigits)) + "'"};
  }
  if (found->size() == 1) return std::move(found->front());
  std::string message = "'" + std::string(id) + "' fits several dumps:";
  for (const DumpRecord& dump : *found) message += " " + dump.id;
  return Error{Code::kInvalidArgument, message};
}

Result<DescribedDump> DumpStore::Get(std::string_view id) {
  auto dump = Find(id);
  if (!dump) return dump.error();
  auto info = dumps_.Info(dump->id);
  if (!info) return info.error();
  return DescribedDump{.dump = std::move(*dump), .info = std::move(*info)};
}

Result<OpenedDump> DumpStore::OpenBytes(std::string_view id) {
  auto dump = Find(id);
  if (!dump) return dump.error();
  if (!dump->kept) {
    const std::string why = dump->removed.empty() ? "there never were any" : dump->removed;
    return Error{Code::kFailedPrecondition, "dump " + dump->id + ": no bytes are kept: " + why};
  }
  auto bytes = files_.Read(dump->sha256);
  if (!bytes) return bytes.error();
  return OpenedDump{.dump = std::move(*dump), .bytes = std::move(*bytes)};
}

Result<RemovedDumps> DumpStore::Remove(const std::vector<std::string>& ids) {
  std::vector<DumpRecord> dumps;
  for (const std::string& id : ids) {
    if (const Status added = AddNamed(id, dumps); !added) return added.error();
  }
  // A dump may have been named twice, by itself and by its group.
  std::ranges::sort(dumps, {}, &DumpRecord::id);
  const auto twice = std::ranges::unique(dumps, {}, &DumpRecord::id);
  dumps.erase(twice.begin(), twice.end());
  const auto bytes = retention_.Forget(dumps);
  if (!bytes) return bytes.error();
  UpdateStats();
  return RemovedDumps{.dumps = dumps.size(), .bytes = *bytes};
}

Status DumpStore::AddNamed(const std::string& id, std::vector<DumpRecord>& dumps) {
  auto dump = dumps_.Find(id);
  if (!dump) return dump.error();
  if (*dump) {
    dumps.push_back(std::move(**dump));
    return {};
  }
  const auto group = groups_.Has(id);
  if (!group) return group.error();
  if (!*group) return Error{Code::kNotFound, "no dump and no group '" + id.substr(0, 80) + "'"};
  auto members = dumps_.List({.group = id, .device = {}}, {}, kMostOfGroup);
  if (!members) return members.error();
  std::ranges::move(*members, std::back_inserter(dumps));
  return {};
}

}  // namespace edgefeed
