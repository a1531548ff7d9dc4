#pragma once

#include <functional>
#include <memory>
#include <string>

#include "collector/rpc/upload_service.h"
#include "common/base/result.h"
#include "fileupload.pb.h"

namespace edgefeed {

// How an Upload call ended: a response, or a status.
using UploadOutcome = Result<fileupload::UploadResponse>;

enum class StreamEnd { kHalfClosed, kDisconnected };

// Who uploads.
struct WhoUploads {
  std::string address;  // For the log.
  std::string device;   // Whose a whole file will be; empty: nobody's.
};

// What becomes of the chunks of one Upload call. On the store strand. Only its first outcome
// counts; it does nothing after it.
class ChunkTaker {
 public:
  using Done = std::function<void(const UploadOutcome&)>;

  virtual ~ChunkTaker() = default;
  virtual void Take(const fileupload::FileChunk& chunk) = 0;
  // No more chunks will come.
  virtual void End(StreamEnd how) = 0;
};

// Chooses by the first chunk: a segment of a begun upload has a ticket, a whole file has none.
std::unique_ptr<ChunkTaker> NewChunkTaker(const UploadAccess& access,
                                          const fileupload::FileChunk& first,
                                          const WhoUploads& client, ChunkTaker::Done done);

// The outcome of a stream without any chunk.
Error EmptyUpload(const UploadAccess& access, StreamEnd how);

}  // namespace edgefeed
