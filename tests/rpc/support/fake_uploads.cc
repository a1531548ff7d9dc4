#include "tests/rpc/support/fake_uploads.h"

#include <utility>

#include "common/base/crc32c.h"
#include "common/digest/sha256.h"

namespace edgefeed {
namespace {

using fileupload::FileChunk;
using fileupload::UploadResponse;

constexpr std::uint64_t kGrid = 65'536;
constexpr std::uint64_t kSegment = std::uint64_t{4} << 20;

void Describe(const FakeUploads::File& file, UploadResponse& response) {
  response.set_filename(file.begun.filename());
  response.set_success(true);
  response.set_state(file.complete ? fileupload::UPLOAD_STATE_COMPLETE
                                   : fileupload::UPLOAD_STATE_INCOMPLETE);
  response.set_committed_bytes(file.bytes.size());
  response.set_committed_crc32c(Crc32c(file.bytes));
  response.set_epoch(file.epoch);
  response.set_segment_bytes(kSegment);
  response.set_chunk_bytes(1 << 20);
  if (!file.complete) return;
  response.set_total_bytes(file.bytes.size());
  response.set_sha256(std::string(BytesOf(Sha256Of(file.bytes))));
  response.set_message("kept as " + file.begun.filename());
}

void Refuse(FakeUploads::File& file, fileupload::UploadRefusal why, UploadResponse& response) {
  file.bytes.resize(file.bytes.size() / kGrid * kGrid);
  Describe(file, response);
  response.set_success(false);
  response.set_state(fileupload::UPLOAD_STATE_REFUSED);
  response.set_refusal(why);
}

}  // namespace

void FakeUploads::Expect(std::vector<Trouble> troubles) {
  const std::scoped_lock lock(mutex_);
  troubles_ = std::move(troubles);
}

void FakeUploads::RefuseAll(UploadResponse refusal) {
  const std::scoped_lock lock(mutex_);
  refuse_all_ = std::move(refusal);
}

void FakeUploads::Damage() {
  const std::scoped_lock lock(mutex_);
  for (auto& [id, file] : files_) {
    if (!file.complete && !file.bytes.empty()) file.bytes[0] ^= 1;
  }
}

std::vector<FakeUploads::File> FakeUploads::files() const {
  const std::scoped_lock lock(mutex_);
  std::vector<File> files;
  files.reserve(files_.size());
  for (const auto& [id, file] : files_) files.push_back(file);
  return files;
}

FakeUploads::File FakeUploads::file(const std::string& upload_id) const {
  const std::scoped_lock lock(mutex_);
  const auto found = files_.find(upload_id);
  return found == files_.end() ? File{} : found->second;
}

std::uint64_t FakeUploads::received_bytes() const {
  const std::scoped_lock lock(mutex_);
  return received_bytes_;
}

FileChunk FakeUploads::first_chunk() const {
  const std::scoped_lock lock(mutex_);
  return first_chunk_;
}

FileChunk FakeUploads::later_chunk() const {
  const std::scoped_lock lock(mutex_);
  return later_chunk_;
}

int FakeUploads::calls() const {
  const std::scoped_lock lock(mutex_);
  return calls_;
}

void FakeUploads::RefusePlaces(int calls, std::string pushback) {
  const std::scoped_lock lock(mutex_);
  places_to_refuse_ = calls;
  pushback_ = std::move(pushback);
}

grpc::Status FakeUploads::BeginUpload(grpc::ServerContext* context,
                                      const fileupload::BeginUploadRequest* request,
                                      UploadResponse* response) {
  const std::scoped_lock lock(mutex_);
  if (places_to_refuse_ > 0) {
    --places_to_refuse_;
    context->AddTrailingMetadata("grpc-retry-pushback-ms", pushback_);
    return {grpc::StatusCode::RESOURCE_EXHAUSTED, "no place"};
  }
  if (refuse_all_) {
    *response = *refuse_all_;
    return grpc::Status::OK;
  }
  File& file = files_[request->upload_id()];
  file.begun = *request;
  file.bytes.resize(file.complete ? file.bytes.size() : file.bytes.size() / kGrid * kGrid);
  file.complete = file.complete || request->size_bytes() == 0;
  ++file.epoch;
  Describe(file, *response);
  return grpc::Status::OK;
}

grpc::Status FakeUploads::AbortUpload(grpc::ServerContext* /*context*/,
                                      const fileupload::AbortUploadRequest* request,
                                      UploadResponse* response) {
  const std::scoped_lock lock(mutex_);
  files_.erase(request->upload_id());
  response->set_success(true);
  return grpc::Status::OK;
}

std::optional<FakeUploads::Trouble> FakeUploads::DueTrouble(const File& file) {
  if (troubles_.empty() || file.bytes.size() < troubles_.front().at_bytes) return std::nullopt;
  Trouble due = troubles_.front();
  troubles_.erase(troubles_.begin());
  return due;
}

void FakeUploads::NoteChunk(const FileChunk& chunk) {
  (chunk.has_ticket() ? first_chunk_ : later_chunk_) = chunk;
  if (chunk.has_ticket()) ++calls_;
  received_bytes_ += chunk.data().size();
}

std::optional<grpc::Status> FakeUploads::Take(File& file, const FileChunk& chunk,
                                              UploadResponse& response) {
  auto refusal = fileupload::UPLOAD_REFUSAL_NONE;
  if (chunk.has_ticket() && chunk.ticket().epoch() != file.epoch) {
    refusal = fileupload::UPLOAD_REFUSAL_UNKNOWN;
  } else if (chunk.offset() != file.bytes.size()) {
    refusal = fileupload::UPLOAD_REFUSAL_OFFSET;
  } else if (chunk.crc32c() != Crc32c(chunk.data())) {
    refusal = fileupload::UPLOAD_REFUSAL_CRC;
  } else {
    file.bytes += chunk.data();
    file.complete = chunk.is_last();
    const auto trouble = DueTrouble(file);
    if (trouble && trouble->status) return trouble->status;
    if (trouble) refusal = trouble->refusal;
  }
  if (refusal == fileupload::UPLOAD_REFUSAL_NONE) return std::nullopt;
  Refuse(file, refusal, response);
  return grpc::Status::OK;
}

grpc::Status FakeUploads::Upload(grpc::ServerContext* /*context*/,
                                 grpc::ServerReader<FileChunk>* reader, UploadResponse* response) {
  std::string id;
  FileChunk chunk;
  while (reader->Read(&chunk)) {
    const std::scoped_lock lock(mutex_);
    if (chunk.has_ticket()) id = chunk.ticket().upload_id();
    NoteChunk(chunk);
    if (const auto end = Take(files_[id], chunk, *response)) return *end;
  }
  const std::scoped_lock lock(mutex_);
  File& file = files_[id];
  if (!file.complete) file.bytes.resize(file.bytes.size() / kGrid * kGrid);
  Describe(file, *response);
  return grpc::Status::OK;
}

}  // namespace edgefeed
