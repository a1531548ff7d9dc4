#include "common/wire/upload_report.h"

#include "common/wire/bounded_text.h"
#include "fileupload.pb.h"

namespace edgefeed {
namespace {

constexpr std::size_t kMaxMessage = 1024;
constexpr std::size_t kDigestBytes = 32;  // Of SHA-256.

}  // namespace

UploadReport FromWire(const fileupload::UploadResponse& wire) {
  return {.total_bytes = wire.total_bytes(),
          .total_chunks = wire.total_chunks(),
          .success = wire.success(),
          .message = BoundedText(wire.message(), kMaxMessage),
          .state = static_cast<UploadState>(wire.state()),
          .committed_bytes = wire.committed_bytes(),
          .committed_crc32c = wire.committed_crc32c(),
          .sha256 = wire.sha256().size() == kDigestBytes ? wire.sha256() : std::string(),
          .epoch = wire.epoch(),
          .refusal = static_cast<UploadRefusal>(wire.refusal()),
          .retry_after = std::chrono::milliseconds(wire.retry_after_ms()),
          .segment_bytes = wire.segment_bytes(),
          .chunk_bytes = wire.chunk_bytes()};
}

}  // namespace edgefeed
