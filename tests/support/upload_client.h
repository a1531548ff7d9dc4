#pragma once

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "common/base/crc32c.h"
#include "common/digest/sha256.h"
#include "fileupload.grpc.pb.h"

namespace edgefeed {

// One begun upload, spoken by hand: see proto/fileupload.proto.
class UploadClient {
 public:
  UploadClient(const std::shared_ptr<grpc::Channel>& channel, std::string device, std::string id,
               std::string bytes)
      : device_(std::move(device)), id_(std::move(id)), bytes_(std::move(bytes)) {
    Connect(channel);
  }
  void Connect(const std::shared_ptr<grpc::Channel>& channel) {
    stub_ = fileupload::FileUploadService::NewStub(channel);
  }

  // Makes it a crash dump.
  std::optional<dumps::DumpInfo> dump;
  // Before each chunk; false breaks the call off, as a crash of the client would.
  std::function<bool()> go_on = [] { return true; };

  grpc::Status Begin(fileupload::UploadResponse& response) {
    fileupload::BeginUploadRequest request;
    request.set_service_name(device_);
    request.set_upload_id(id_);
    request.set_filename("core.zst");
    request.set_size_bytes(bytes_.size());
    request.set_sha256(std::string(BytesOf(Sha256Of(bytes_))));
    if (dump) *request.mutable_dump() = *dump;
    grpc::ClientContext context;
    SetDeadline(context);
    return stub_->BeginUpload(&context, request, &response);
  }

  // One Upload call with the bytes [from, to).
  grpc::Status Segment(std::uint64_t epoch, std::uint64_t from, std::uint64_t to,
                       fileupload::UploadResponse& response) {
    grpc::ClientContext context;
    SetDeadline(context);
    const auto writer = stub_->Upload(&context, &response);
    for (std::uint64_t at = from; at < to || at == from; at += kChunkBytes) {
      if (!go_on()) {
        context.TryCancel();
        break;
      }
      fileupload::FileChunk chunk = ChunkAt(at, to);
      if (at == from) SetTicket(epoch, chunk);
      if (!writer->Write(chunk)) break;
      sent_bytes_ += chunk.data().size();
    }
    writer->WritesDone();
    return writer->Finish();
  }

  // Begins, and sends segments of so many bytes until the upload is complete or something fails.
  grpc::Status Run(std::uint64_t segment_bytes, fileupload::UploadResponse& response) {
    grpc::Status status = Begin(response);
    while (status.ok() && response.state() == fileupload::UPLOAD_STATE_INCOMPLETE) {
      const std::uint64_t from = response.committed_bytes();
      const std::uint64_t to = std::min<std::uint64_t>(from + segment_bytes, bytes_.size());
      const std::uint64_t epoch = response.epoch();
      response.Clear();
      status = Segment(epoch, from, to, response);
    }
    return status;
  }

  // With offset and CRC.
  [[nodiscard]] fileupload::FileChunk ChunkAt(std::uint64_t from, std::uint64_t to) const {
    fileupload::FileChunk chunk;
    chunk.set_offset(from);
    chunk.set_data(bytes_.substr(from, std::min(kChunkBytes, to - from)));
    chunk.set_crc32c(Crc32c(chunk.data()));
    chunk.set_is_last(from + chunk.data().size() == bytes_.size());
    return chunk;
  }
  void SetTicket(std::uint64_t epoch, fileupload::FileChunk& chunk) const {
    chunk.mutable_ticket()->set_service_name(device_);
    chunk.mutable_ticket()->set_upload_id(id_);
    chunk.mutable_ticket()->set_epoch(epoch);
  }

  [[nodiscard]] const std::string& bytes() const { return bytes_; }
  // Of chunks that were handed over to gRPC.
  [[nodiscard]] std::uint64_t sent_bytes() const { return sent_bytes_; }
  [[nodiscard]] fileupload::FileUploadService::Stub& stub() { return *stub_; }

  static constexpr std::uint64_t kChunkBytes = std::uint64_t{64} << 10;

 private:
  // No call of a test lasts longer.
  static void SetDeadline(grpc::ClientContext& context) {
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(2));
  }

  const std::string device_;
  const std::string id_;
  const std::string bytes_;
  std::unique_ptr<fileupload::FileUploadService::Stub> stub_;
  std::uint64_t sent_bytes_ = 0;
};

}  // namespace edgefeed
