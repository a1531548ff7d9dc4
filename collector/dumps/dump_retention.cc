#include "collector/dumps/dump_retention.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "common/base/units.h"

namespace edgefeed {
namespace {

// So many are looked at at a time.
constexpr std::size_t kPage = 100;

std::string_view NameOf(DumpRemoval why) {
  return kDumpRemovalNames[static_cast<std::size_t>(why)];
}

}  // namespace

Status DumpRetention::TrimGroup(std::string_view group) {
  const auto kept = parts_.dumps.KeptOfGroup(group);
  if (!kept) return kept.error();
  if (kept->size() <= limits_.per_group) return {};
  const std::size_t first = limits_.per_group / 2;
  const std::size_t over = kept->size() - limits_.per_group;
  for (std::size_t i = first; i < first + over; ++i) {
    const Status dropped = DropBytes((*kept)[i], DumpRemoval::kGroupFull);
    if (!dropped) return dropped;
  }
  return {};
}

Status DumpRetention::MakeRoom(std::string_view device, const DumpUsage& fewer) {
  const auto before = parts_.dumps.Usage(device);
  if (!before) return before.error();
  // Nothing is gained by removing all dumps when other things need the room.
  if (before->device_bytes < fewer.device_bytes || before->all_bytes < fewer.all_bytes) return {};
  const DumpUsage wanted{.device_bytes = before->device_bytes - fewer.device_bytes,
                         .all_bytes = before->all_bytes - fewer.all_bytes};
  while (true) {
    const auto used = parts_.dumps.Usage(device);
    if (!used) return used.error();
    const bool device_has_room = used->device_bytes <= wanted.device_bytes;
    if (device_has_room && used->all_bytes <= wanted.all_bytes) return {};
    const auto dropped = DropLeastMissed(device_has_room ? std::string_view() : device);
    if (!dropped) return dropped.error();
    if (!*dropped) return {};
  }
}

Result<bool> DumpRetention::DropLeastMissed(std::string_view device) {
  const auto dump = parts_.dumps.LeastMissed(device);
  if (!dump) return dump.error();
  if (!*dump) return false;
  if (const Status dropped = DropBytes(**dump, DumpRemoval::kQuota); !dropped) {
    return dropped.error();
  }
  return true;
}

Status DumpRetention::Expire(WallTime now) {
  while (true) {
    const auto old = parts_.dumps.KeptBefore(now - limits_.keep, kPage);
    if (!old) return old.error();
    for (const DumpRecord& dump : *old) {
      if (const Status dropped = DropBytes(dump, DumpRemoval::kExpired); !dropped) return dropped;
    }
    if (old->size() < kPage) break;
  }
  Status bare = parts_.dumps.RemoveBare(now - limits_.keep_bare, limits_.dumps);
  if (!bare) return bare;
  const auto groups = parts_.groups.Count();
  if (!groups) return groups.error();
  if (*groups <= limits_.groups) return {};
  return parts_.groups.RemoveOldest(*groups - limits_.groups);
}

Result<std::uint64_t> DumpRetention::Forget(const std::vector<DumpRecord>& dumps) {
  auto transaction = Transaction::Begin(parts_.database);
  if (!transaction) return transaction.error();
  for (const DumpRecord& dump : dumps) {
    if (const Status removed = parts_.dumps.Remove(dump.id); !removed) return removed.error();
  }
  if (const Status committed = transaction->Commit(); !committed) return committed.error();
  std::uint64_t freed = 0;
  for (const DumpRecord& dump : dumps) {
    if (!dump.kept) continue;
    const auto bytes = RemoveFile(dump, DumpRemoval::kOperator);
    if (!bytes) return bytes.error();
    freed += *bytes;
  }
  return freed;
}

Status DumpRetention::DropBytes(DumpRecord dump, DumpRemoval why) {
  dump.kept = false;
  dump.removed = NameOf(why);
  if (dump.inspection == Inspection::kWanted) {
    dump.inspection = Inspection::kFailed;
    dump.inspection_error = "its bytes were removed before";
  }
  if (const Status saved = parts_.dumps.Save(dump); !saved) return saved;
  const auto freed = RemoveFile(dump, why);
  return freed ? Status() : freed.error();
}

Result<std::uint64_t> DumpRetention::RemoveFile(const DumpRecord& dump, DumpRemoval why) {
  ++parts_.stats.dumps_removed[static_cast<std::size_t>(why)];
  spdlog::info("dump {} of device {}: its {} are removed ({})", dump.id, dump.device,
               FormatBytes({dump.size_bytes}), NameOf(why));
  const auto others = parts_.dumps.KeptWith(dump.sha256);
  if (!others) return others.error();
  if (*others > 0) return std::uint64_t{0};
  if (const Status removed = parts_.files.Remove(dump.sha256); !removed) return removed.error();
  return dump.size_bytes;
}

}  // namespace edgefeed
