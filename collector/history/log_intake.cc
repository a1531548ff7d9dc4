#include "collector/history/log_intake.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>
#include <utility>
#include <variant>

namespace edgefeed {
namespace {

// A record holds what was handed over within a second, up to about this: more compresses no better.
constexpr std::size_t kRecordBytes = std::size_t{1} << 20;

// The newest position of each stream in these entries, devices together.
class NewestPositions {
 public:
  void Add(const Frame& frame) {
    if (frame.position.stream == 0) return;
    auto& newest = newest_[{frame.device, frame.position.stream}];
    newest = std::max(newest, frame.position.sequence);
  }
  [[nodiscard]] std::vector<StoredPosition> Take() const {
    std::vector<StoredPosition> positions;
    positions.reserve(newest_.size());
    for (const auto& [key, sequence] : newest_) {
      positions.push_back({key.first, {.stream = key.second, .sequence = sequence}});
    }
    return positions;
  }

 private:
  std::map<std::pair<DeviceNumber, StreamId>, std::uint64_t> newest_;
};

}  // namespace

void LogIntake::Take(HandOver entries) {
  if (waiting_.empty() || waiting_.back().tried || waiting_.back().bytes >= kRecordBytes) {
    waiting_.emplace_back();
  }
  Batch& batch = waiting_.back();
  batch.bytes += entries.entries.size();
  batch.count += entries.count;
  batch.has_names = batch.has_names || entries.has_names;
  batch.parts.push_back(std::move(entries));
}

Status LogIntake::Sync(const EntryConsumer& consumer) {
  if (waiting_.empty()) return {};
  for (Batch& batch : waiting_) {
    if (std::exchange(batch.tried, true)) continue;
    for (const HandOver& part : batch.parts) batch.entries += part.entries;
  }
  if (Status synced = SyncNames(); !synced) return synced;
  if (Status synced = SyncAll(); !synced) return synced;
  for (const Batch& batch : std::exchange(waiting_, {})) {
    for (const HandOver& part : batch.parts) {
      Consume(part, next_lsn_, consumer);
      next_lsn_ += part.count;
    }
    link_.unsynced_bytes -= batch.bytes;
  }
  return {};
}

Status LogIntake::SyncAll() {
  std::vector<LogBatch> batches;
  Lsn lsn = next_lsn_;
  for (const Batch& batch : waiting_) {
    batches.push_back(
        {.first_lsn = lsn, .last_lsn = lsn + batch.count - 1, .entries = batch.entries});
    lsn += batch.count;
  }
  return log_.Append(batches);
}

Status LogIntake::SyncNames() {
  std::vector<std::string> names;
  names.reserve(waiting_.size());
  std::vector<LogBatch> batches;
  Lsn lsn = next_lsn_;
  for (const Batch& batch : waiting_) {
    const Lsn first = std::exchange(lsn, lsn + batch.count);
    if (!batch.has_names) continue;
    batches.push_back(
        {.first_lsn = first, .last_lsn = lsn - 1, .entries = names.emplace_back(NamesOf(batch))});
  }
  return names_.Append(batches);
}

std::string LogIntake::NamesOf(const Batch& batch) {
  std::string names;
  for (std::string_view rest = batch.entries; !rest.empty();) {
    const std::string_view before = rest;
    const auto entry = TakeEntry(rest);
    if (!entry) break;
    const bool name =
        std::holds_alternative<DeviceName>(*entry) || std::holds_alternative<SeriesName>(*entry);
    if (name) names += before.substr(0, before.size() - rest.size());
  }
  return names;
}

void LogIntake::Consume(const HandOver& entries, Lsn lsn, const EntryConsumer& consumer) {
  NewestPositions newest;
  for (std::string_view rest = entries.entries; !rest.empty(); ++lsn) {
    const auto entry = TakeEntry(rest);
    if (!entry) {
      spdlog::error("history: {}", entry.error().message);  // Of our own making: a bug.
      break;
    }
    consumer(lsn, *entry);
    if (const auto* frame = std::get_if<Frame>(&*entry)) {
      newest.Add(*frame);
      ++stats_.history_samples;
    }
  }
  auto positions = newest.Take();
  if (positions.empty()) return;
  entries.writer->Post(
      [stored = std::move(positions)](WriterEvents& writer) { writer.Stored(stored); });
}

}  // namespace edgefeed
