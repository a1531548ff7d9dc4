#include "collector/uploads/upload_publisher.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <utility>

#include "collector/sqlite/sqlite.h"

namespace edgefeed {
namespace fs = std::filesystem;
namespace {

// So long a client that missed the answer is told that its upload is complete. Devices keep a dump
// for a shorter time than that.
constexpr std::chrono::hours kKnownWhenDone{30 * 24};
constexpr mode_t kPlainMode = 0640;

std::uintmax_t Names(const fs::path& file) {
  std::error_code error;
  const std::uintmax_t names = fs::hard_link_count(file, error);
  return error ? 0 : names;
}

ArrivedDump DumpOf(const BegunUpload& upload, std::string_view description) {
  return {.device = upload.device,
          .upload_id = upload.upload_id,
          .filename = upload.filename,
          .size_bytes = upload.size_bytes,
          .sha256 = upload.sha256,
          .description = description};
}

}  // namespace

bool UploadPublisher::WasPublishing(const BegunUpload& upload, const fs::path& file) const {
  if (upload.committed_bytes != upload.size_bytes) return false;
  if (!upload.is_dump) return Names(file) > 1;
  return Names(file) == 0 && dumps_.HasFile(upload.sha256, upload.size_bytes);
}

Result<BegunUpload> UploadPublisher::Publish(BegunUpload upload, const fs::path& file,
                                             WallTime now) {
  const Status stored = upload.is_dump ? StoreDump(upload, file) : StorePlain(upload, file);
  if (!stored) return stored.error();
  auto transaction = Transaction::Begin(database_);
  if (!transaction) return transaction.error();
  if (upload.is_dump) {
    const auto description = table_.Description(upload.number);
    if (!description) return description.error();
    const Status recorded = dumps_.Record(DumpOf(upload, *description));
    if (!recorded) return recorded.error();
  }
  if (const Status marked = MarkDone(upload, UploadPhase::kComplete, now); !marked) {
    return marked.error();
  }
  if (const Status committed = transaction->Commit(); !committed) return committed.error();
  if (upload.is_dump) dumps_.Recorded();
  ::unlink(file.c_str());
  return upload;
}

Status UploadPublisher::StorePlain(BegunUpload& upload, const fs::path& file) {
  upload.stored_as = upload.filename;
  if (Names(file) > 1) return {};  // A crash came behind the next lines.
  if (::chmod(file.c_str(), kPlainMode) != 0) return ErrnoError(file.string(), errno);
  auto name = plain_.Adopt(file, upload.filename, upload.device);
  if (!name) return name.error();
  upload.stored_as = std::move(*name);
  return {};
}

Status UploadPublisher::StoreDump(BegunUpload& upload, const fs::path& file) {
  upload.stored_as = ToString(upload.sha256);
  if (Names(file) == 0 && dumps_.HasFile(upload.sha256, upload.size_bytes)) return {};
  return dumps_.Adopt(file, upload.sha256);
}

Result<BegunUpload> UploadPublisher::Describe(BegunUpload upload, std::string_view description,
                                              WallTime now) {
  auto transaction = Transaction::Begin(database_);
  if (!transaction) return transaction.error();
  const auto epoch = table_.NextEpoch();
  if (!epoch) return epoch.error();
  upload.epoch = *epoch;
  const auto number = table_.Insert(upload, {});
  if (!number) return number.error();
  upload.number = *number;
  const Status recorded = dumps_.Record(DumpOf(upload, description));
  if (!recorded) return recorded.error();
  if (const Status marked = MarkDone(upload, UploadPhase::kDescribed, now); !marked) {
    return marked.error();
  }
  if (const Status committed = transaction->Commit(); !committed) return committed.error();
  dumps_.Recorded();
  return upload;
}

Status UploadPublisher::MarkDone(BegunUpload& upload, UploadPhase phase, WallTime now) {
  upload.phase = phase;
  upload.expires = now + kKnownWhenDone;
  if (const Status dropped = table_.DropDescription(upload.number); !dropped) return dropped;
  return table_.Save(upload);
}

}  // namespace edgefeed
