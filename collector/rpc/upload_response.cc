#include "collector/rpc/upload_response.h"

#include <string>

#include "collector/uploads/active_upload.h"
#include "collector/uploads/upload_segment.h"
#include "fileupload.pb.h"

namespace edgefeed {
namespace {

std::string MessageOf(const UploadAnswer& answer) {
  if (answer.state == UploadState::kComplete) return "stored as " + answer.message;
  return answer.message;
}

// As a client that counts in the grid's chunks would have sent it.
std::uint32_t ChunksOf(std::uint64_t size_bytes) {
  return static_cast<std::uint32_t>((size_bytes + ActiveUpload::kGridBytes - 1) /
                                    ActiveUpload::kGridBytes);
}

}  // namespace

void ToWire(const UploadAnswer& answer, fileupload::UploadResponse& wire) {
  wire.set_filename(answer.filename);
  wire.set_success(answer.refusal == UploadRefusal::kNone);
  wire.set_message(MessageOf(answer));
  wire.set_state(static_cast<fileupload::UploadState>(answer.state));
  wire.set_committed_bytes(answer.committed_bytes);
  wire.set_committed_crc32c(answer.committed_crc32c);
  wire.set_epoch(answer.epoch);
  wire.set_refusal(static_cast<fileupload::UploadRefusal>(answer.refusal));
  wire.set_retry_after_ms(static_cast<std::uint32_t>(answer.retry_after.count()));
  wire.set_segment_bytes(kSegmentBytes);
  wire.set_chunk_bytes(UploadSegment::kChunkBytes);
  if (answer.state == UploadState::kIncomplete) wire.set_expires_ms(UnixMillis(answer.expires));
  if (!answer.sha256) return;
  wire.set_total_bytes(answer.size_bytes);
  wire.set_total_chunks(ChunksOf(answer.size_bytes));
  wire.set_sha256(std::string(BytesOf(*answer.sha256)));
}

}  // namespace edgefeed
