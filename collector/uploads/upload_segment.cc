#include "collector/uploads/upload_segment.h"

#include <utility>

#include "common/base/crc32c.h"

namespace edgefeed {

UploadSegment::UploadSegment(ActiveUpload& upload, Complete complete, AnswerUpload answer)
    : upload_(&upload), complete_(std::move(complete)), answer_(std::move(answer)) {
  upload_->SetSegment(this);
}

UploadSegment::~UploadSegment() {
  if (upload_ != nullptr) upload_->SetSegment(nullptr);
}

void UploadSegment::Take(const Chunk& chunk) {
  if (upload_ == nullptr) return;
  const std::uint64_t written = upload_->written_bytes();
  const std::uint64_t size = upload_->upload().size_bytes;
  const std::uint64_t end = written + chunk.data.size();
  if (chunk.data.size() > kChunkBytes) {
    return RefuseChunk(UploadRefusal::kInvalid,
                       "a chunk of more than " + std::to_string(kChunkBytes) + " bytes");
  }
  if (chunk.offset != written) {
    return RefuseChunk(UploadRefusal::kOffset, "a chunk at " + std::to_string(chunk.offset) +
                                                   " came where byte " + std::to_string(written) +
                                                   " was due");
  }
  if (Crc32c(chunk.data) != chunk.crc32c) {
    return RefuseChunk(UploadRefusal::kCrc,
                       "the chunk at " + std::to_string(chunk.offset) + " was damaged on its way");
  }
  if (end > size || (chunk.is_last && end < size)) {
    return RefuseChunk(UploadRefusal::kInvalid, "it ends at " + std::to_string(end) +
                                                    ", not at the promised " +
                                                    std::to_string(size) + " bytes");
  }
  if (const Status taken = upload_->Append(chunk.data); !taken) {
    return RefuseChunk(UploadRefusal::kStorage, taken.error().message);
  }
  if (!upload_->whole()) return;
  ActiveUpload& upload = *std::exchange(upload_, nullptr);
  upload.SetSegment(nullptr);
  complete_(upload, std::move(answer_));
}

void UploadSegment::Close() {
  if (upload_ == nullptr) return;
  if (const Status committed = upload_->Commit(); !committed) {
    return End(Refuse(UploadRefusal::kStorage, committed.error().message, upload_->upload()));
  }
  End(StandOf(upload_->upload()));
}

void UploadSegment::Supersede() {
  RefuseChunk(UploadRefusal::kSuperseded, "another BeginUpload has taken over");
}

void UploadSegment::Detach() {
  if (upload_ == nullptr) return;
  End(Refuse(UploadRefusal::kUnknown, "it was aborted or has expired", upload_->upload()));
}

void UploadSegment::RefuseChunk(UploadRefusal refusal, const std::string& why) {
  if (upload_ == nullptr) return;
  // What came before the chunk is good. Should the disk not take it, then it comes again.
  const Status committed = upload_->Commit();
  End(committed.ok()
          ? Refuse(refusal, why, upload_->upload())
          : Refuse(UploadRefusal::kStorage, committed.error().message, upload_->upload()));
}

void UploadSegment::End(const UploadAnswer& answer) {
  std::exchange(upload_, nullptr)->SetSegment(nullptr);
  answer_(answer);
}

}  // namespace edgefeed
