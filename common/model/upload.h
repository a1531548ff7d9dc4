#pragma once

#include <chrono>
#include <cstdint>
#include <string>

// A file that comes in segments. The numbers are those of proto/fileupload.proto, which says what
// each word means.
namespace edgefeed {

enum class UploadState {
  kUnknown = 0,
  kIncomplete = 1,
  kComplete = 2,
  kDescribed = 3,
  kRefused = 4
};

enum class UploadRefusal {
  kNone = 0,
  kOffset = 1,
  kCrc = 2,
  kDigest = 3,
  kQuota = 4,
  kTooLarge = 5,
  kSuperseded = 6,
  kUnknown = 7,
  kConflict = 8,
  kStorage = 9,
  kInvalid = 10,
};

// How the server says an upload stands, to the agent and to edgefeedctl.
struct UploadReport {
  std::uint64_t total_bytes = 0;
  std::uint32_t total_chunks = 0;
  bool success = false;
  std::string message;  // Not to be trusted.
  UploadState state = UploadState::kUnknown;
  std::uint64_t committed_bytes = 0;
  std::uint32_t committed_crc32c = 0;
  std::string sha256;  // 32 bytes, or none.
  std::uint64_t epoch = 0;
  UploadRefusal refusal = UploadRefusal::kNone;
  std::chrono::milliseconds retry_after{0};
  std::uint64_t segment_bytes = 0;  // 0: the server does not say.
  std::uint32_t chunk_bytes = 0;    // Likewise.
};

}  // namespace edgefeed
