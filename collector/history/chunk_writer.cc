#include "collector/history/chunk_writer.h"

#include <spdlog/spdlog.h>

#include <utility>

namespace edgefeed {

Status ChunkWriter::Write(const OpenChunks::ByHour& by_hour, WallTime now) {
  Status written;
  std::vector<OpenChunks::Key> done;
  for (const auto& [hour, chunks] : by_hour) {
    if (Status hour_written = WriteHour(hour, chunks, now); !hour_written) {
      written = std::move(hour_written);
      continue;
    }
    hours_.insert(hour);
    for (const OpenChunk* chunk : chunks) done.push_back({chunk->device, hour});
  }
  for (const OpenChunks::Key& key : done) open_.Remove(key);
  return written;
}

Status ChunkWriter::WriteHour(Hours hour, const std::vector<const OpenChunk*>& chunks,
                              WallTime now) {
  std::vector<NewChunk> encoded;
  encoded.reserve(chunks.size());
  const std::uint64_t unreadable = codec_.unreadable_frames();
  for (const OpenChunk* chunk : chunks) {
    auto data = codec_.Encode(chunk->frames);
    if (!data) continue;
    encoded.push_back({.device = chunk->device,
                       .written = now,
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
