#include "collector/dumps/dump_inspections.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "collector/dumps/dump_description.h"
#include "common/wire/dump_info.h"

namespace edgefeed {

void DumpInspections::Next() {
  if (inspecting_ || parts_.reader == nullptr) return;
  const auto wanted = parts_.dumps.WantInspection(1);
  if (!wanted) return spdlog::error("dumps: {}", wanted.error().message);
  if (wanted->empty()) return;
  inspecting_ = true;
  const DumpRecord& dump = wanted->front();
  parts_.reader->Inspect(
      parts_.files.PathOf(dump.sha256),
      [this, alive = std::weak_ptr(alive_), id = dump.id](const Result<DumpInfo>& found) {
        if (!alive.expired()) HandleResult(id, found);
      });
}

void DumpInspections::HandleResult(const std::string& id, const Result<DumpInfo>& found) {
  inspecting_ = false;
  auto dump = parts_.dumps.Find(id);
  if (!dump) return spdlog::error("dumps: {}", dump.error().message);
  // It may have been removed in the meantime.
  if (*dump && (*dump)->inspection == Inspection::kWanted) {
    Status done = found ? Add(**dump, *found) : Fail(**dump, found.error());
    if (!done) done = Fail(**dump, done.error());
    // Not even that: the next start of the collector tries again.
    if (!done) return spdlog::error("dump {}: {}", id, done.error().message);
  }
  Next();
}

Status DumpInspections::Add(DumpRecord dump, const DumpInfo& found) {
  const auto stored = parts_.dumps.Info(dump.id);
  if (!stored) return stored.error();
  auto info = DecodeDumpInfo(*stored);
  if (!info) return info.error();
  GroupShare before = ShareOf(*info, dump.device, dump.stored_at);
  before.signature.id = dump.group;  // Should an older version have named it otherwise.
  Merge(found, *info);
  const GroupShare after = ShareOf(*info, dump.device, dump.stored_at);
  dump.group = after.signature.id;
  dump.inspection = Inspection::kDone;

  auto transaction = Transaction::Begin(parts_.database);
  if (!transaction) return transaction.error();
  if (const Status moved = parts_.groups.Subtract(before); !moved) return moved;
  if (const Status moved = parts_.groups.Add(after); !moved) return moved;
  Status described =
      parts_.dumps.SetInfo(dump.id, EncodeDumpInfo(*info), EncodeDumpInfo(Summarize(*info)));
  if (!described) return described;
  if (const Status saved = parts_.dumps.Save(dump); !saved) return saved;
  if (const Status committed = transaction->Commit(); !committed) return committed;
  if (after.signature.id != before.signature.id) regrouped_(dump.group);
  return {};
}

Status DumpInspections::Fail(DumpRecord dump, const Error& why) {
  ++parts_.stats.dump_inspections_failed;
  spdlog::warn("dump {} of device {}: nothing was found in it: {}", dump.id, dump.device,
               why.message);
  dump.inspection = Inspection::kFailed;
  dump.inspection_error = why.message;
  return parts_.dumps.Save(dump);
}

}  // namespace edgefeed
