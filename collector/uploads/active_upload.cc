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
      file_(std::make_shared<PartialFile>(std::move(file))),
      parts_(parts),
      digest_(std::make_shared<DigestFollower>(parts.hash, file_->path())) {
  GoBack();
  if (written_ > 0) digest_->Follow(written_);
}

ActiveUpload::~ActiveUpload() {
  if (segment_ != nullptr) segment_->Detach();
}

void ActiveUpload::GoBack() {
  written_ = upload_.committed_bytes;
  written_crc_ = grid_crc_ = upload_.committed_crc32c;
  sync_failed_ = {};
  ++generation_;
}

Status ActiveUpload::Append(std::string_view data) {
  if (Status failed = sync_failed_; !failed) {
    GoBack();
    return failed;
  }
  if (Status written = file_->Write(written_, data); !written) return written;
  Count(data);
  parts_.stats.upload_bytes += data.size();
  const std::uint64_t uncommitted = written_ - upload_.committed_bytes;
  if (written_ == upload_.size_bytes || uncommitted >= kMostUncommittedBytes) {
    Status committed = CommitWritten();
    if (!committed) GoBack();
    return committed;
  }
  if (uncommitted >= kCommitBytes) BeginCommit();
  return {};
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

ActiveUpload::Prefix ActiveUpload::Written() const {
  if (written_ == upload_.size_bytes) return {.bytes = written_, .crc32c = written_crc_};
  return {.bytes = written_ - written_ % kGridBytes, .crc32c = grid_crc_};
}

// More bytes come while the disk works: one waits for the other otherwise, and both idle.
void ActiveUpload::BeginCommit() {
  if (std::exchange(syncing_, true)) return;
  parts_.sync.Post([this, alive = std::weak_ptr(alive_), &strand = parts_.strand, file = file_,
                    generation = generation_, prefix = Written()] {
    const Status synced = file->Sync();
    strand.Post([this, alive, generation, prefix, synced] {
      if (!alive.expired()) HandleSynced(generation, prefix, synced);
    });
  });
}

void ActiveUpload::HandleSynced(std::uint64_t generation, const Prefix& prefix,
                                const Status& synced) {
  syncing_ = false;
  if (generation != generation_ || prefix.bytes <= upload_.committed_bytes) return;
  sync_failed_ = synced.ok() ? Record(prefix) : synced;
}

Status ActiveUpload::Commit() {
  Status committed = CommitWritten();
  GoBack();
  return committed;
}

Status ActiveUpload::CommitWritten() {
  const Prefix written = Written();
  if (written.bytes == upload_.committed_bytes) return {};
  if (Status synced = file_->Sync(); !synced) return synced;
  return Record(written);
}

Status ActiveUpload::Record(const Prefix& prefix) {
  BegunUpload next = upload_;
  next.committed_bytes = prefix.bytes;
  next.committed_crc32c = prefix.crc32c;
  if (const Status saved = parts_.table.Save(next); !saved) return saved;
  upload_ = std::move(next);
  digest_->Follow(prefix.bytes);
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
