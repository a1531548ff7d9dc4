#pragma once

#include "fileupload.grpc.pb.h"

namespace edgefeed::bench {

// Takes chunks and keeps nothing of them.
class FloorUploadService final : public fileupload::FileUploadService::CallbackService {
 public:
  grpc::ServerReadReactor<fileupload::FileChunk>* Upload(
      grpc::CallbackServerContext* context, fileupload::UploadResponse* response) override;
};

}  // namespace edgefeed::bench
