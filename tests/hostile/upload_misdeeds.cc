#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "common/base/crc32c.h"
#include "fileupload.grpc.pb.h"
#include "tests/hostile/misdeeds.h"

namespace edgefeed {
namespace {

using fileupload::FileUploadService;
using fileupload::UploadResponse;
using std::chrono::seconds;

constexpr std::size_t kChunkBytes = std::size_t{64} << 10;

const std::array<std::string, 9> kTricks = {
    "../../escaped",        "/tmp/escaped",         "..",        ".partial/1", ".begun/1",
    std::string("a\0b", 3), std::string(4000, 'n'), "a/../../b", "new\nline"};

fileupload::BeginUploadRequest Request(const HostileDevice& device, const std::string& id,
                                       std::uint64_t size) {
  fileupload::BeginUploadRequest request;
  request.set_service_name(device.spec().name);
  request.set_upload_id(id);
  request.set_filename("hostile.bin");
  request.set_size_bytes(size);
  request.set_sha256(std::string(32, 's'));
  return request;
}

UploadResponse Begin(HostileDevice& device, const fileupload::BeginUploadRequest& request) {
  HostileCall call(device, seconds(5));
  UploadResponse response;
  const auto stub = FileUploadService::NewStub(device.channel());
  static_cast<void>(stub->BeginUpload(call.context(), request, &response));
  return response;
}

// A file in one call, as of the original contract, of at most so many bytes.
void SendWhole(HostileDevice& device, const std::string& name, std::size_t bytes) {
  HostileCall call(device, seconds(5));
  UploadResponse response;
  const auto stub = FileUploadService::NewStub(device.channel());
  const auto writer = stub->Upload(call.context(), &response);
  fileupload::FileChunk chunk;
  chunk.set_filename(name);
  bool goes_on = true;
  for (std::size_t sent = 0; goes_on && sent < bytes; sent += chunk.data().size()) {
    chunk.set_data(std::string(std::min(kChunkBytes, bytes - sent), 'h'));
    chunk.set_is_last(sent + chunk.data().size() >= bytes);
    goes_on = writer->Write(chunk);
    chunk.set_chunk_index(chunk.chunk_index() + 1);
  }
  writer->WritesDone();
  static_cast<void>(writer->Finish());
}

// One of a begun upload, which stays open.
class OpenSegment {
 public:
  OpenSegment(HostileDevice& device, const std::string& id, const UploadResponse& begun)
      : call_(device, seconds(60)),  // Longer than a busy machine takes to open the others.
        stub_(FileUploadService::NewStub(device.channel())),
        writer_(stub_->Upload(call_.context(), &response_)) {
    fileupload::FileChunk chunk;
    chunk.mutable_ticket()->set_service_name(device.spec().name);
    chunk.mutable_ticket()->set_upload_id(id);
    chunk.mutable_ticket()->set_epoch(begun.epoch());
    chunk.set_offset(begun.committed_bytes());
    chunk.set_data(std::string(1, 'h'));
    chunk.set_crc32c(Crc32c(chunk.data()));
    writer_->Write(chunk);
  }
  ~OpenSegment() {
    call_.context()->TryCancel();
    static_cast<void>(writer_->Finish());
  }
  OpenSegment(const OpenSegment&) = delete;
  OpenSegment& operator=(const OpenSegment&) = delete;

 private:
  HostileCall call_;
  UploadResponse response_;
  std::unique_ptr<FileUploadService::Stub> stub_;
  std::unique_ptr<grpc::ClientWriter<fileupload::FileChunk>> writer_;
};

}  // namespace

void UploadWithTricks(HostileDevice& device) {
  for (const std::string& trick : kTricks) {
    if (device.stopped()) return;
    auto request = Request(device, "trick", 1);
    request.set_filename(trick);
    Begin(device, request);
    Begin(device, Request(device, trick, 1));
    SendWhole(device, trick, 10);
  }
  SendWhole(device, device.spec().victim + ".txt", 10);
  Begin(device, Request(device, "huge", UINT64_MAX));
  Begin(device, Request(device, "all-there-is-" + std::to_string(device.Random(1000)), 1 << 20));
  SendWhole(device, "endless", std::size_t{64} << 20);
  device.Wait(std::chrono::milliseconds(100));
}

void LeaveUploadsOpen(HostileDevice& device) {
  constexpr int kUploads = 20;
  std::vector<std::unique_ptr<OpenSegment>> segments;
  for (int i = 0; i < kUploads && !device.stopped(); ++i) {
    const std::string id = "open-" + std::to_string(i);
    const UploadResponse begun = Begin(device, Request(device, id, 1000));
    if (begun.state() != fileupload::UPLOAD_STATE_INCOMPLETE) continue;
    segments.push_back(std::make_unique<OpenSegment>(device, id, begun));
  }
  device.Wait(seconds(3));
}

}  // namespace edgefeed
