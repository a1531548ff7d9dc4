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

// Calls entry(entry, its bytes) for each of them.
template <typename Use>
void ForEachEntry(std::string_view entries, Use use) {
  while (!entries.empty()) {
    const std::string_view before = entries;
    const auto entry = TakeEntry(entries);
    if (!entry) {
      spdlog::error("history: {}", entry.error().message);  // Of our own making: a bug.
      return;
    }
    use(*entry, before.substr(0, before.size() - entries.size()));
  }
}

// Names come first, because all others use them; then devices ascend.
DeviceNumber PlaceOf(const Entry& entry) {
  if (const auto* frame = std::get_if<Frame>(&entry)) return frame->device;
  if (const auto* description = std::get_if<DeviceDescription>(&entry)) return description->device;
  return 0;
}

bool IsName(const Entry& entry) {
  return std::holds_alternative<DeviceName>(entry) || std::holds_alternative<SeriesName>(entry);
}

}  // namespace

// So a record is smallest. What is of one device, and so of one writer, stays in its order.
std::string LogIntake::InOrder(std::span<const HandOver> parts) {
  std::vector<std::pair<DeviceNumber, std::string_view>> places;
  std::size_t size = 0;
  for (const HandOver& part : parts) {
    size += part.entries.size();
    ForEachEntry(part.entries, [&places](const Entry& entry, std::string_view bytes) {
      places.emplace_back(PlaceOf(entry), bytes);
    });
  }
  std::ranges::stable_sort(places, {}, &std::pair<DeviceNumber, std::string_view>::first);
  std::string entries;
  entries.reserve(size);
  for (const auto& [device, bytes] : places) entries += bytes;
  return entries;
}

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

std::uint64_t LogIntake::waiting_bytes() const {
  std::uint64_t bytes = 0;
  for (const Batch& batch : waiting_) bytes += batch.bytes;
  return bytes;
}

Status LogIntake::Sync(const EntryConsumer& consumer) {
  if (waiting_.empty()) return {};
  for (Batch& batch : waiting_) {
    if (std::exchange(batch.tried, true)) continue;
    batch.entries = InOrder(batch.parts);
  }
  if (Status synced = SyncNames(); !synced) return synced;
  if (Status synced = SyncAll(); !synced) return synced;
  for (const Batch& batch : std::exchange(waiting_, {})) {
    Consume(batch.entries, consumer);
    for (const HandOver& part : batch.parts) TellWriter(part);
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
  ForEachEntry(batch.entries, [&names](const Entry& entry, std::string_view bytes) {
    if (IsName(entry)) names += bytes;
  });
  return names;
}

void LogIntake::Consume(std::string_view entries, const EntryConsumer& consumer) {
  ForEachEntry(entries, [&](const Entry& entry, std::string_view /*bytes*/) {
    consumer(next_lsn_++, entry);
    if (std::holds_alternative<Frame>(entry)) ++stats_.history_samples;
  });
}

void LogIntake::TellWriter(const HandOver& entries) {
  NewestPositions newest;
  ForEachEntry(entries.entries, [&newest](const Entry& entry, std::string_view /*bytes*/) {
    if (const auto* frame = std::get_if<Frame>(&entry)) newest.Add(*frame);
  });
  auto positions = newest.Take();
  if (positions.empty()) return;
  entries.writer->Post(
      [stored = std::move(positions)](WriterEvents& writer) { writer.Stored(stored); });
}

}  // namespace edgefeed
