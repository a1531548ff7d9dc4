#include "bench/floor/upload_service.h"

namespace edgefeed::bench {
namespace {

class UploadReactor final : public grpc::ServerReadReactor<fileupload::FileChunk> {
 public:
  explicit UploadReactor(fileupload::UploadResponse& response) : response_(response) {
    StartRead(&chunk_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      response_.set_success(true);
      response_.set_total_bytes(bytes_);
      return Finish(grpc::Status::OK);
    }
    bytes_ += chunk_.data().size();
    StartRead(&chunk_);
  }

  void OnDone() override { delete this; }

 private:
  fileupload::UploadResponse& response_;
  fileupload::FileChunk chunk_;
  std::uint64_t bytes_ = 0;
};

}  // namespace

grpc::ServerReadReactor<fileupload::FileChunk>* FloorUploadService::Upload(
    grpc::CallbackServerContext* /*context*/, fileupload::UploadResponse* response) {
  return new UploadReactor(*response);
}

}  // namespace edgefeed::bench
