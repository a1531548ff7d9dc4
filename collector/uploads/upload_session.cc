#include "collector/uploads/upload_session.h"

#include <utility>

namespace edgefeed {

UploadSession::UploadSession(UploadStore& store, std::string device, CollectorStats& stats)
    : store_(store), device_(std::move(device)), stats_(stats) {}

UploadSession::~UploadSession() {
  if (!done_) ++stats_.uploads_failed;
}

Result<std::optional<UploadSession::Stored>> UploadSession::Take(const Chunk& chunk) {
  if (const Status order = CheckOrder(chunk); !order) return order.error();
  if (file_ == nullptr) {
    filename_ = std::string(chunk.filename);
    auto file = store_.Create(*filename_, device_);
    if (!file) return Fail(file.error(), chunk.index);
    file_ = std::move(*file);
  }
  if (const Status appended = file_->Append(chunk.data); !appended) {
    return Fail(appended.error(), chunk.index);
  }
  stats_.upload_bytes += chunk.data.size();
  ++next_chunk_;
  if (!chunk.is_last) return std::optional<Stored>();
  auto stored = file_->Publish();
  if (!stored) return Fail(stored.error(), chunk.index);
  done_ = true;
  ++stats_.uploads_completed;
  return std::optional(Stored{*filename_, std::move(stored->path), stored->size, next_chunk_});
}

Status UploadSession::CheckOrder(const Chunk& chunk) const {
  if (!filename_) {
    if (const Status name = CheckUploadName(chunk.filename); !name) return name;
  } else if (!chunk.filename.empty() && chunk.filename != *filename_) {
    return Error{Code::kInvalidArgument, "chunk " + std::to_string(chunk.index) + " of upload " +
                                             Name() + " is of another file, '" +
                                             std::string(chunk.filename.substr(0, 80)) + "'"};
  }
  if (chunk.index != next_chunk_) {
    return Error{Code::kInvalidArgument,
                 "upload " + (filename_ ? Name() : std::string(chunk.filename)) + ": chunk " +
                     std::to_string(chunk.index) + " came where chunk " +
                     std::to_string(next_chunk_) + " was due"};
  }
  return {};
}

Error UploadSession::EndedEarly() const {
  return Error{Code::kInvalidArgument, "upload " + Name() + " ended before chunk " +
                                           std::to_string(next_chunk_) + ", without is_last"};
}

Error UploadSession::Disconnected() const {
  return Error{Code::kCancelled, "client disconnected during chunk " + std::to_string(next_chunk_) +
                                     " of upload " + Name()};
}

Error UploadSession::Fail(const Error& error, std::uint32_t chunk) const {
  return error.Wrap("upload " + Name() + ", chunk " + std::to_string(chunk));
}

std::string UploadSession::Name() const { return filename_.value_or("without a name"); }

}  // namespace edgefeed
