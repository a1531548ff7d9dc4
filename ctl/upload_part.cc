#include "ctl/upload_part.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "common/base/crc32c.h"
#include "common/base/sizes.h"

namespace edgefeed {
namespace {

constexpr std::uint64_t kPartChunkBytes = std::uint64_t{256} << 10;

// Hands the first `bytes` bytes to `take`, piece by piece.
Status ReadThrough(const UploadFile& file, std::uint64_t bytes,
                   const std::function<void(std::uint64_t at, std::string_view piece)>& take) {
  for (std::uint64_t at = 0; at < bytes; at += kPartChunkBytes) {
    const auto piece = file.ReadAt(at, ToSize(std::min(kPartChunkBytes, bytes - at)));
    if (!piece) return piece.error();
    take(at, *piece);
  }
  return {};
}

}  // namespace

UploadPart::UploadPart(const UploadFile& file, const FileSegment& segment,
                       std::uint64_t chunk_bytes, OnUploadProgress on_progress)
    : file_(file),
      at_(segment.begin),
      end_(segment.end),
      chunk_bytes_(chunk_bytes == 0 ? kPartChunkBytes : std::min(kPartChunkBytes, chunk_bytes)),
      on_progress_(std::move(on_progress)) {}

Result<UploadChunk> UploadPart::Next() {
  on_progress_(at_);
  auto data = file_.ReadAt(at_, ToSize(std::min(chunk_bytes_, end_ - at_)));
  if (!data) return data.error();
  at_ += data->size();
  return UploadChunk{.data = std::move(*data), .is_last = at_ == end_};
}

Result<Sha256Digest> DigestOf(const UploadFile& file, const OnUploadProgress& on_progress) {
  Sha256 digest;
  const Status read =
      ReadThrough(file, *file.size_bytes(), [&](std::uint64_t at, std::string_view piece) {
        on_progress(at);
        digest.Update(piece);
      });
  if (!read) return read.error();
  return digest.Finish();
}

Result<std::uint32_t> ChecksumOf(const UploadFile& file, std::uint64_t bytes) {
  std::uint32_t crc = 0;
  const Status read = ReadThrough(
      file, bytes, [&](std::uint64_t /*at*/, std::string_view piece) { crc = Crc32c(piece, crc); });
  if (!read) return read.error();
  return crc;
}

}  // namespace edgefeed
