#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "fileupload.grpc.pb.h"

namespace edgefeed {

// Uploads in memory, by the rules of proto/fileupload.proto, and with trouble when asked for.
// Thread-safe.
class FakeUploads final : public fileupload::FileUploadService::Service {
 public:
  struct Trouble {
    // The call ends when the file has grown to this size: with this status, or with a refusal.
    std::uint64_t at_bytes = 0;
    std::optional<grpc::Status> status;
    fileupload::UploadRefusal refusal = fileupload::UPLOAD_REFUSAL_NONE;
  };
  struct File {
    fileupload::BeginUploadRequest begun;
    std::string bytes;
    std::uint64_t epoch = 0;
    bool complete = false;
  };

  // Each happens once, in this order.
  void Expect(std::vector<Trouble> troubles);
  // The next BeginUploads find no place: RESOURCE_EXHAUSTED, with this grpc-retry-pushback-ms.
  void RefusePlaces(int calls, std::string pushback);
  // Every BeginUpload is refused with this; success ends it.
  void RefuseAll(fileupload::UploadResponse refusal);
  // Every file that is not complete gets another first byte.
  void Damage();
  [[nodiscard]] std::vector<File> files() const;
  [[nodiscard]] File file(const std::string& upload_id) const;
  // All data that came, also again.
  [[nodiscard]] std::uint64_t received_bytes() const;
  // First and later chunks of the last call.
  [[nodiscard]] fileupload::FileChunk first_chunk() const;
  [[nodiscard]] fileupload::FileChunk later_chunk() const;
  [[nodiscard]] int calls() const;

  grpc::Status BeginUpload(grpc::ServerContext* context,
                           const fileupload::BeginUploadRequest* request,
                           fileupload::UploadResponse* response) override;
  grpc::Status AbortUpload(grpc::ServerContext* context,
                           const fileupload::AbortUploadRequest* request,
                           fileupload::UploadResponse* response) override;
  grpc::Status Upload(grpc::ServerContext* context,
                      grpc::ServerReader<fileupload::FileChunk>* reader,
                      fileupload::UploadResponse* response) override;

 private:
  // With the lock held:
  void NoteChunk(const fileupload::FileChunk& chunk);
  // The end of the call, if that is what comes of the chunk.
  std::optional<grpc::Status> Take(File& file, const fileupload::FileChunk& chunk,
                                   fileupload::UploadResponse& response);
  std::optional<Trouble> DueTrouble(const File& file);

  mutable std::mutex mutex_;
  std::map<std::string, File> files_;
  std::vector<Trouble> troubles_;
  std::optional<fileupload::UploadResponse> refuse_all_;
  int places_to_refuse_ = 0;
  std::string pushback_;
  std::uint64_t received_bytes_ = 0;
  fileupload::FileChunk first_chunk_;
  fileupload::FileChunk later_chunk_;
  int calls_ = 0;
};

}  // namespace edgefeed
