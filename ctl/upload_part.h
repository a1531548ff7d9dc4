#pragma once

#include <cstdint>
#include <functional>

#include "common/base/result.h"
#include "common/digest/sha256.h"
#include "ctl/client.h"
#include "ctl/upload_file.h"

namespace edgefeed {

// Called with how far it is in the file, before each further chunk.
using OnUploadProgress = std::function<void(std::uint64_t)>;

// A segment of a regular file, as chunks of 256 KiB at most.
class UploadPart final : public ChunkSource {
 public:
  // `file` must outlive it. `chunk_bytes`: the server's limit; 0: none.
  UploadPart(const UploadFile& file, const FileSegment& segment, std::uint64_t chunk_bytes,
             OnUploadProgress on_progress);

  Result<UploadChunk> Next() override;

 private:
  const UploadFile& file_;
  std::uint64_t at_;
  std::uint64_t end_;
  std::uint64_t chunk_bytes_;
  OnUploadProgress on_progress_;
};

// Of the whole file.
Result<Sha256Digest> DigestOf(const UploadFile& file, const OnUploadProgress& on_progress);

// The CRC-32C of the first `bytes` bytes.
Result<std::uint32_t> ChecksumOf(const UploadFile& file, std::uint64_t bytes);

}  // namespace edgefeed
