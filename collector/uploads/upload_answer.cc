#include "collector/uploads/upload_answer.h"

#include <utility>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

std::chrono::milliseconds RetryAfter(UploadRefusal refusal) {
  switch (refusal) {
    case UploadRefusal::kQuota: return 5min;
    case UploadRefusal::kStorage: return 1min;
    default: return 0ms;
  }
}

UploadState StateOf(UploadPhase phase) {
  switch (phase) {
    case UploadPhase::kIncomplete: return UploadState::kIncomplete;
    case UploadPhase::kComplete: return UploadState::kComplete;
    case UploadPhase::kDescribed: return UploadState::kDescribed;
  }
  return UploadState::kRefused;
}

}  // namespace

UploadAnswer StandOf(const BegunUpload& upload) {
  UploadAnswer answer;
  answer.state = StateOf(upload.phase);
  answer.filename = upload.filename;
  answer.message = upload.stored_as;
  answer.size_bytes = upload.size_bytes;
  answer.committed_bytes = upload.committed_bytes;
  answer.committed_crc32c = upload.committed_crc32c;
  if (answer.state == UploadState::kComplete) answer.sha256 = upload.sha256;
  answer.epoch = upload.epoch;
  answer.expires = upload.expires;
  return answer;
}

UploadAnswer Refuse(UploadRefusal refusal, std::string message) {
  UploadAnswer answer;
  answer.refusal = refusal;
  answer.message = std::move(message);
  answer.retry_after = RetryAfter(refusal);
  return answer;
}

UploadAnswer Refuse(UploadRefusal refusal, std::string message, const BegunUpload& upload) {
  UploadAnswer answer = StandOf(upload);
  answer.state = UploadState::kRefused;
  answer.refusal = refusal;
  answer.message = NameOf(upload) + ": " + std::move(message);
  answer.sha256.reset();
  answer.retry_after = RetryAfter(refusal);
  return answer;
}

std::string NameOf(const BegunUpload& upload) {
  std::string name = "upload '" + upload.filename + "' (id " + upload.upload_id + ")";
  if (!upload.device.empty()) name += " of device " + upload.device;
  return name;
}

}  // namespace edgefeed
