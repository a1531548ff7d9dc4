#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "collector/uploads/active_upload.h"
#include "collector/uploads/upload_answer.h"

namespace edgefeed {

// One Upload call that brings bytes of a begun upload. On the uploads strand. Gives its answer
// once: when a chunk is refused, when the upload is complete, when the call ends, or when it is
// replaced.
class UploadSegment {
 public:
  static constexpr std::uint32_t kChunkBytes = std::uint32_t{1} << 20;

  // What happens to an upload of which all bytes are there.
  using Complete = std::function<void(ActiveUpload&, AnswerUpload)>;

  // The upload may go away first; the same must not be used by two segments.
  UploadSegment(ActiveUpload& upload, Complete complete, AnswerUpload answer);
  ~UploadSegment();
  UploadSegment(const UploadSegment&) = delete;
  UploadSegment& operator=(const UploadSegment&) = delete;

  struct Chunk {
    std::uint64_t offset = 0;
    std::string_view data;
    std::uint32_t crc32c = 0;
    bool is_last = false;
  };
  // After the answer it does nothing.
  void Take(const Chunk& chunk);
  // The client has ended the call, or is gone: what has come is kept.
  void Close();

  // A newer call takes over: what has come is kept.
  void Supersede();
  // The upload goes away, and with it what has come.
  void Detach();

 private:
  void RefuseChunk(UploadRefusal refusal, const std::string& why);
  void End(const UploadAnswer& answer);

  ActiveUpload* upload_;  // Null: the answer was given, or will be when the upload is complete.
  Complete complete_;
  AnswerUpload answer_;
};

}  // namespace edgefeed
