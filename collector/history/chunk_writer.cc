#include "collector/history/chunk_writer.h"

#include <spdlog/spdlog.h>

#include <utility>

namespace edgefeed {
namespace {

// So much is worth a commit: some two thousand chunks, and about a quarter of a second of work.
constexpr std::size_t kManyBytes = std::size_t{16} << 20;

}  // namespace

Status ChunkWriter::WriteDue(WallTime now) {
  const auto due = open_.Due(now);
  if (due.empty()) return {};
  std::size_t bytes = 0;
  for (const auto& [hour, chunks] : due) {
    for (const OpenChunk* chunk : chunks) bytes += chunk->frames.size();
  }
  // Long enough ago, or in the future because the clock was set back.
  const bool patient = now >= last_write_ && now - last_write_ < 3 * open_.chunk_every() / 4;
  if (bytes < kManyBytes && patient) return {};
  Status written = Write(due);
  if (written) last_write_ = now;
  return written;
}

Status ChunkWriter::Write(const OpenChunks::ByHour& by_hour) {
  Status written;
  std::vector<OpenChunks::Key> done;
  for (const auto& [hour, chunks] : by_hour) {
    if (Status hour_written = WriteHour(hour, chunks); !hour_written) {
      written = std::move(hour_written);
      continue;
    }
    hours_.insert(hour);
    for (const OpenChunk* chunk : chunks) done.push_back({chunk->device, hour});
  }
  for (const OpenChunks::Key& key : done) open_.Remove(key);
  return written;
}

Status ChunkWriter::WriteHour(Hours hour, const std::vector<const OpenChunk*>& chunks) {
  std::vector<NewChunk> encoded;
  encoded.reserve(chunks.size());
  const std::uint64_t unreadable = codec_.unreadable_frames();
  for (const OpenChunk* chunk : chunks) {
    auto data = codec_.Encode(chunk->frames);
    if (!data) continue;
    encoded.push_back({.device = chunk->device,
                       .due = chunk->due,
                       .last_lsn = chunk->last_lsn,
                       .chunk = std::move(*data)});
  }
  if (codec_.unreadable_frames() != unreadable) {
    stats_.history_frames_unreadable += codec_.unreadable_frames() - unreadable;
    spdlog::error("history: {} frames of {} cannot be read and are left out",
                  codec_.unreadable_frames() - unreadable, HourName(hour));
  }
  return partitions_.Add(hour, encoded);
}

}  // namespace edgefeed
