#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "collector/stats.h"
#include "collector/uploads/upload_table.h"
#include "common/base/clock.h"
#include "common/digest/sha256.h"
#include "common/model/upload.h"

namespace edgefeed {

// What a client is told about its begun upload.
struct UploadAnswer {
  UploadState state = UploadState::kRefused;
  UploadRefusal refusal = UploadRefusal::kNone;
  std::string filename;
  std::string message;
  std::uint64_t size_bytes = 0;
  std::uint64_t committed_bytes = 0;
  std::uint32_t committed_crc32c = 0;
  std::optional<Sha256Digest> sha256;  // When complete.
  std::uint64_t epoch = 0;
  std::chrono::milliseconds retry_after{0};
  WallTime expires;
};

using AnswerUpload = std::function<void(const UploadAnswer&)>;

// How the upload stands.
UploadAnswer StandOf(const BegunUpload& upload);

// A refusal of an upload that is known, or is not. With a time to wait where trying again helps.
UploadAnswer Refuse(UploadRefusal refusal, std::string message);
UploadAnswer Refuse(UploadRefusal refusal, std::string message, const BegunUpload& upload);

// "upload 'core.zst' (id 3f) of device cam-7", for messages.
std::string NameOf(const BegunUpload& upload);

}  // namespace edgefeed
