#include "collector/rpc/backup.h"

#include <grpcpp/grpcpp.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "collector/history/backup.h"
#include "collector/rpc/peer.h"
#include "common/base/crc32c.h"
#include "common/base/sizes.h"
#include "common/base/units.h"
#include "common/rpc/status.h"

namespace edgefeed {
namespace {

constexpr std::uint64_t kBackupChunkBytes = std::uint64_t{256} << 10;

// Sends a file chunk by chunk, and asks for the next one when the last chunk has been written: a
// backup costs one chunk of memory and one copy of a file. Lives on the worker.
class BackupCall final : public grpc::ServerWriteReactor<BackupResponse> {
 public:
  BackupCall(grpc::CallbackServerContext& context, const BackupAccess& access, Admitted admitted)
      : context_(context),
        access_(access),
        admitted_(std::move(admitted)),
        client_(PeerAddress(context.peer())),
        backup_(
            HistoryBackup::Parts{
                .history = access.history, .worker = access.worker, .scratch = access.scratch},
            client_, [this] { return !end_ && !context_.IsCancelled(); }) {
    access_.worker.Post([this] { Begin(); });
  }

  void OnWriteDone(bool ok) override {
    access_.worker.Post([this, ok] { HandleWritten(ok); });
  }
  void OnCancel() override {
    access_.worker.Post([this] { End(Error{Code::kCancelled, "the client went away"}); });
  }
  void OnDone() override {
    access_.worker.Post([this] { delete this; });
  }

 private:
  void Begin() {
    started_ = access_.worker.Now();
    backup_.Begin([this](const Result<BackupSize>& size) {
      if (!size) return End(size.error());
      spdlog::info("backup to {}: {} files, {}", client_, size->files, FormatBytes({size->bytes}));
      response_.mutable_plan()->set_files(size->files);
      response_.mutable_plan()->set_bytes(size->bytes);
      Write();
    });
  }

  void HandleWritten(bool ok) {
    writing_ = false;
    stalled_.Cancel();
    if (end_) return FinishNow();
    if (!ok) return End(Error{Code::kCancelled, "the client went away"});
    if (response_.has_end()) return End({});
    if (file_) return SendChunk();
    backup_.Next([this](Result<std::optional<BackupFile>> file) {
      if (!file) return End(file.error());
      file_ = std::move(*file);
      sent_of_file_ = 0;
      file_ ? SendChunk() : SendEnd();
    });
  }

  void SendChunk() {
    if (end_) return;
    BackupChunk& chunk = *response_.mutable_chunk();
    chunk.set_path(file_->path);
    chunk.set_file_bytes(file_->size_bytes);
    chunk.set_offset(sent_of_file_);
    if (const Status read = ReadChunk(*chunk.mutable_data()); !read) return End(read.error());
    chunk.set_crc32c(Crc32c(chunk.data()));
    sent_of_file_ += chunk.data().size();
    sent_bytes_ += chunk.data().size();
    if (sent_of_file_ == file_->size_bytes) {
      ++sent_files_;
      file_.reset();
    }
    Write();
  }

  Status ReadChunk(std::string& data) const {
    data.resize(ToSize(std::min(kBackupChunkBytes, file_->size_bytes - sent_of_file_)));
    for (std::size_t filled = 0; filled < data.size();) {
      const ssize_t got = ::pread(file_->content.get(), data.data() + filled, data.size() - filled,
                                  static_cast<off_t>(sent_of_file_ + filled));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return ErrnoError(file_->path, errno);
      if (got == 0) return Error{Code::kDataLoss, file_->path + ": has become shorter"};
      filled += static_cast<std::size_t>(got);
    }
    return {};
  }

  void SendEnd() {
    if (end_) return;
    response_.mutable_end()->set_files(sent_files_);
    response_.mutable_end()->set_bytes(sent_bytes_);
    Write();
  }

  void Write() {
    if (end_) return;
    writing_ = true;
    // A write that the client does not take never ends by itself.
    stalled_ = access_.worker.RunAfter(access_.longest_write, [this] {
      End(Error{Code::kDeadlineExceeded, "the client takes nothing"});
      context_.TryCancel();
    });
    StartWrite(&response_);
  }

  void End(const Status& why) {
    if (end_) return;
    end_ = why;
    if (!writing_) FinishNow();
  }

  void FinishNow() {
    ++(end_->ok() ? access_.stats.backups_completed : access_.stats.backups_failed);
    const std::string sent =
        std::to_string(sent_files_) + " files, " + FormatBytes({sent_bytes_}) + " in " +
        FormatDuration(
            std::chrono::duration_cast<std::chrono::milliseconds>(access_.worker.Now() - started_));
    if (end_->ok()) {
      spdlog::info("backup to {} complete: {}", client_, sent);
    } else {
      spdlog::warn("backup to {} ended after {}: {}", client_, sent, end_->error().message);
    }
    // After Finish() the context may be gone at any moment: nothing of it is used any more.
    Finish(end_->ok() ? grpc::Status::OK : ToGrpc(end_->error(), context_));
  }

  grpc::CallbackServerContext& context_;
  const BackupAccess& access_;
  const Admitted admitted_;
  const std::string client_;
  HistoryBackup backup_;
  SteadyTime started_;
  std::optional<BackupFile> file_;  // Being sent.
  std::uint64_t sent_of_file_ = 0;
  std::uint64_t sent_files_ = 0;
  std::uint64_t sent_bytes_ = 0;
  BackupResponse response_;  // gRPC reads it until OnWriteDone.
  bool writing_ = false;
  Timer stalled_;
  std::optional<Status> end_;
};

}  // namespace

grpc::ServerWriteReactor<BackupResponse>* NewBackup(grpc::CallbackServerContext& context,
                                                    const BackupAccess& access, Admitted admitted) {
  return new BackupCall(context, access, std::move(admitted));
}

}  // namespace edgefeed
