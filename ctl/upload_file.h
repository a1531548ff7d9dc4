#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "ctl/client.h"

namespace edgefeed {

// A file, or standard input, as chunks of 256 KiB; an empty one is one empty chunk. A regular file
// that grows or shrinks meanwhile is an error: what would arrive is neither the old nor the new
// one.
class UploadFile final : public ChunkSource {
 public:
  // Called with the bytes handed out so far, before each further chunk.
  using OnProgress = std::function<void(std::uint64_t)>;

  // "-" is standard input.
  static Result<UploadFile> Open(const std::string& file);

  void SetProgress(OnProgress on_progress) { on_progress_ = std::move(on_progress); }

  Result<UploadChunk> Next() override;

  // Bytes of a regular file, whatever has been read: exactly so many.
  [[nodiscard]] Result<std::string> ReadAt(std::uint64_t offset, std::size_t size) const;

  [[nodiscard]] std::optional<std::uint64_t> size_bytes() const { return size_bytes_; }
  [[nodiscard]] std::uint64_t sent_bytes() const { return sent_bytes_; }

 private:
  UploadFile(std::string file, UniqueFd fd) : file_(std::move(file)), fd_(std::move(fd)) {}

  // As many bytes as there are, up to a whole chunk.
  Result<std::string> ReadChunk();
  [[nodiscard]] Status CheckUnchanged(std::uint64_t read_bytes) const;

  std::string file_;
  UniqueFd fd_;
  std::optional<std::uint64_t> size_bytes_;  // Of a regular file, when it was opened.
  std::uint64_t sent_bytes_ = 0;
  std::optional<std::string> ahead_;  // Read already: only the end tells which chunk is the last.
  OnProgress on_progress_;
};

}  // namespace edgefeed
