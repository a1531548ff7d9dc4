#include "collector/history/log_intake.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>
#include <utility>
#include <variant>

namespace edgefeed {
namespace {

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

Status LogIntake::Sync(const EntryConsumer& consumer) {
  if (waiting_.empty()) return {};
  if (Status synced = SyncNames(); !synced) return synced;
  std::vector<LogBatch> batches;
  Lsn lsn = next_lsn_;
  for (const HandOver& entries : waiting_) {
    batches.push_back(
        {.first_lsn = lsn, .last_lsn = lsn + entries.count - 1, .entries = entries.entries});
    lsn += entries.count;
  }
  if (Status appended = log_.Append(batches); !appended) return appended;
  for (const HandOver& entries : waiting_) {
    Consume(entries, next_lsn_, consumer);
    next_lsn_ += entries.count;
    link_.unsynced_bytes -= entries.entries.size();
  }
  waiting_.clear();
  return {};
}

// Whole hand-overs: names are rare, and so the frames among them are too.
Status LogIntake::SyncNames() {
  std::vector<LogBatch> batches;
  std::vector<std::string> names;
  names.reserve(waiting_.size());
  Lsn lsn = next_lsn_;
  for (const HandOver& entries : waiting_) {
    const Lsn first = std::exchange(lsn, lsn + entries.count);
    if (!entries.has_names) continue;
    std::string& only_names = names.emplace_back();
    std::string_view rest = entries.entries;
    while (!rest.empty()) {
      const std::string_view before = rest;
      const auto entry = TakeEntry(rest);
      if (!entry) break;
      const bool name =
          std::holds_alternative<DeviceName>(*entry) || std::holds_alternative<SeriesName>(*entry);
      if (name) only_names += before.substr(0, before.size() - rest.size());
    }
    batches.push_back({.first_lsn = first, .last_lsn = lsn - 1, .entries = only_names});
  }
  return names_.Append(batches);
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
