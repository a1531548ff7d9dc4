#pragma once

#include "collector/stats.h"
#include "collector/uploads/upload_store.h"
#include "common/runtime/strand.h"
#include "fileupload.grpc.pb.h"

namespace edgefeed {

// The upload contract. All references must outlive it; the store is used on `store_strand` only.
class UploadServiceImpl final : public fileupload::FileUploadService::CallbackService {
 public:
  UploadServiceImpl(Strand& store_strand, UploadStore& store, CollectorStats& stats)
      : strand_(store_strand), store_(store), stats_(stats) {}

  grpc::ServerReadReactor<fileupload::FileChunk>* Upload(
      grpc::CallbackServerContext* context, fileupload::UploadResponse* response) override;

 private:
  Strand& strand_;
  UploadStore& store_;
  CollectorStats& stats_;
};

}  // namespace edgefeed
