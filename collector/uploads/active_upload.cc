#include "collector/uploads/active_upload.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "collector/uploads/upload_segment.h"
#include "common/base/crc32c.h"

namespace edgefeed {

Result<std::unique_ptr<ActiveUpload>> ActiveUpload::Open(BegunUpload upload,
                                                         const std::filesystem::path& file,
                                                         const Parts& parts) {
  auto opened = PartialFile::Open(file, upload.committed_bytes);
  if (!opened && opened.error().code == Code::kDataLoss) {
    spdlog::error("{} begins anew: {}", NameOf(upload), opened.error().message);
    upload.committed_bytes = 0;
    upload.committed_crc32c = 0;
    if (const Status saved = parts.table.Save(upload); !saved) return saved.error();
    opened = PartialFile::Open(file, 0);
  }
  if (!opened) return opened.error();
  return std::unique_ptr<ActiveUpload>(
      new ActiveUpload(std::move(upload), std::move(*opened), parts));
}

ActiveUpload::ActiveUpload(BegunUpload upload, PartialFile file, const Parts& parts)
    : upload_(std::move(upload)),
      file_(std::move(file)),
      parts_(parts),
      digest_(std::make_shared<DigestFollower>(parts.hash, file_.path())) {
  GoBack();
  if (written_ > 0) digest_->Follow(written_);
}

ActiveUpload::~ActiveUpload() {
  if (segment_ != nullptr) segment_->Detach();
}

void ActiveUpload::GoBack() {
  written_ = upload_.committed_bytes;
  written_crc_ = grid_crc_ = upload_.committed_crc32c;
}

Status ActiveUpload::Append(std::string_view data) {
  Status done = file_.Write(written_, data);
  if (done) {
    Count(data);
    parts_.stats.upload_bytes += data.size();
    const bool due = written_ - upload_.committed_bytes >= kCommitBytes;
    if (due || written_ == upload_.size_bytes) done = CommitWritten();
  }
  if (!done) GoBack();
  return done;
}

void ActiveUpload::Count(std::string_view data) {
  while (!data.empty()) {
    const std::string_view piece = data.substr(0, kGridBytes - written_ % kGridBytes);
    written_crc_ = Crc32c(piece, written_crc_);
    written_ += piece.size();
    if (written_ % kGridBytes == 0) grid_crc_ = written_crc_;
    data.remove_prefix(piece.size());
  }
}

Status ActiveUpload::Commit() {
  Status committed = CommitWritten();
  GoBack();
  return committed;
}

Status ActiveUpload::CommitWritten() {
  if (written_ == upload_.size_bytes) return CommitUpTo(written_, written_crc_);
  return CommitUpTo(written_ - written_ % kGridBytes, grid_crc_);
}

Status ActiveUpload::CommitUpTo(std::uint64_t end, std::uint32_t crc) {
  if (end == upload_.committed_bytes) return {};
  if (const Status synced = file_.Sync(); !synced) return synced;
  BegunUpload next = upload_;
  next.committed_bytes = end;
  next.committed_crc32c = crc;
  if (const Status saved = parts_.table.Save(next); !saved) return saved;
  upload_ = std::move(next);
  digest_->Follow(end);
  return {};
}

Status ActiveUpload::Renew(std::uint64_t epoch, WallTime expires) {
  BegunUpload next = upload_;
  next.epoch = epoch;
  next.expires = expires;
  if (const Status saved = parts_.table.Save(next); !saved) return saved;
  upload_ = std::move(next);
  GoBack();
  return {};
}

void ActiveUpload::Finish(DigestFollower::Done done) {
  finishing_ = true;
  digest_->Finish(upload_.size_bytes, std::move(done));
}

}  // namespace edgefeed
