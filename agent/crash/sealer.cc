#include "agent/crash/sealer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "common/base/file.h"

namespace edgefeed {
namespace {

constexpr mode_t kFileMode = 0600;
// What waits for the disk is never more than that, so that no step takes long.
constexpr std::uint64_t kSyncEvery = std::uint64_t{4} << 20;

std::string Unfinished(const std::filesystem::path& file) {
  return file.string() + std::string(kUnfinished);
}

}  // namespace

Result<Sealer> Sealer::Create(int source, SealForm form, std::filesystem::path file,
                              HasRoom has_room) {
  const std::string unfinished = Unfinished(file);
  UniqueFd fd(
      ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, kFileMode));
  if (!fd.valid()) return ErrnoError(unfinished, errno);
  ::posix_fadvise(source, 0, 0, POSIX_FADV_SEQUENTIAL);
  return Sealer(source, form, std::move(file), std::move(fd), std::move(has_room));
}

Sealer::Sealer(int source, SealForm form, std::filesystem::path file, UniqueFd fd, HasRoom has_room)
    : reader_(source, form == SealForm::kStacks ? Unpacking::kWanted : Unpacking::kNotWanted),
      form_(form),
      file_(std::move(file)),
      fd_(std::move(fd)),
      has_room_(std::move(has_room)),
      reducer_(form == SealForm::kStacks ? std::make_unique<CoreReducer>() : nullptr) {}

Sealer::~Sealer() {
  if (fd_.valid()) ::unlink(Unfinished(file_).c_str());
}

Result<bool> Sealer::Step() {
  const auto piece = reader_.Next();
  if (!piece) return piece.error();
  Status taken = Take(*piece);
  if (taken && !out_.empty()) taken = Write();
  if (!taken) return taken.error();
  return piece->is_last;
}

Status Sealer::Take(const DumpReader::Piece& piece) {
  if (form_ == SealForm::kStacks) {
    reduced_.clear();
    if (Status reduced = reducer_->Update(piece.content, reduced_); !reduced) return reduced;
    zstd_.Update(reduced_, out_);
  } else if (reader_.packing() == Packing::kNone) {
    zstd_.Update(piece.stored, out_);
  } else {
    out_ += piece.stored;
  }
  return {};
}

Status Sealer::Write() {
  if (!has_room_(sealed_.size_bytes, out_.size())) {
    return Error{Code::kResourceExhausted, file_.string() + ": there is no room"};
  }
  sha256_.Update(out_);
  if (Status written = WriteAll(fd_.get(), out_, file_.string()); !written) return written;
  sealed_.size_bytes += out_.size();
  out_.clear();
  if (sealed_.size_bytes - synced_ >= kSyncEvery) {
    if (::fdatasync(fd_.get()) != 0) return ErrnoError(file_.string(), errno);
    ::posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_DONTNEED);
    synced_ = sealed_.size_bytes;
  }
  return {};
}

Result<SealedBytes> Sealer::Finish() {
  const bool is_packed = form_ == SealForm::kFull && reader_.packing() != Packing::kNone;
  if (form_ == SealForm::kStacks) {
    reduced_.clear();
    if (Status reduced = reducer_->Finish(reduced_); !reduced) return reduced.error();
    zstd_.Update(reduced_, out_);
  }
  if (!is_packed) zstd_.Finish(out_);
  if (Status written = Write(); !written) return written.error();
  if (::fsync(fd_.get()) != 0) return ErrnoError(file_.string(), errno);
  if (::rename(Unfinished(file_).c_str(), file_.c_str()) != 0) {
    return ErrnoError(file_.string(), errno);
  }
  fd_.Reset();
  if (Status named = SyncDirectory(file_.parent_path()); !named) return named.error();
  sealed_.sha256 = sha256_.Finish();
  if (!is_packed || reader_.packing() == Packing::kZstd) sealed_.compression = "zstd";
  return sealed_;
}

}  // namespace edgefeed
