#include "collector/rpc/download_dump.h"

#include <grpcpp/grpcpp.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "collector/rpc/peer.h"
#include "common/base/crc32c.h"
#include "common/base/sizes.h"
#include "common/base/units.h"
#include "common/rpc/status.h"

namespace edgefeed {
namespace {

constexpr std::uint64_t kDumpChunkBytes = std::uint64_t{256} << 10;

// Sends a dump chunk by chunk, the next one when the last has been written. Who took which dump,
// and how much of it, is in the log. Lives on the reader strand.
class DownloadCall final : public grpc::ServerWriteReactor<dumps::DownloadDumpResponse> {
 public:
  DownloadCall(grpc::CallbackServerContext& context, const DumpAccess& access,
               const dumps::DownloadDumpRequest& request, Admitted admitted,
               std::unique_ptr<CallPlace> place)
      : context_(context),
        access_(access),
        client_(PeerAddress(context.peer())),
        offset_(request.offset()),
        admitted_(std::move(admitted)),
        place_(std::move(place)) {
    // The call lives at least until it is finished, which is after the answer.
    access_.store.Post([this, id = request.id()] {
      auto opened = std::make_shared<Result<OpenedDump>>(access_.dumps.OpenBytes(id));
      access_.reader.Post([this, opened] { Begin(std::move(*opened)); });
    });
  }

  void OnWriteDone(bool ok) override {
    access_.reader.Post([this, ok] {
      stalled_.Cancel();
      if (!ok) return End(Error{Code::kCancelled, "the client went away"});
      offset_ == dump_.dump.size_bytes ? End({}) : SendChunk();
    });
  }
  void OnDone() override {
    access_.reader.Post([this] { delete this; });
  }

 private:
  void Begin(Result<OpenedDump> opened) {
    if (!opened) return Finish(ToGrpc(opened.error(), context_));
    dump_ = std::move(*opened);
    const DumpRecord& dump = dump_.dump;
    if (offset_ > dump.size_bytes) {
      return Finish(
          grpc::Status(grpc::StatusCode::OUT_OF_RANGE,
                       "dump " + dump.id + " has " + std::to_string(dump.size_bytes) + " bytes"));
    }
    spdlog::info("dump {} of device {}: download by {} from byte {}", dump.id, dump.device, client_,
                 offset_);
    response_.set_size_bytes(dump.size_bytes);
    response_.set_sha256(std::string(BytesOf(dump.sha256)));
    SendChunk();
  }

  void SendChunk() {
    if (const Status read = ReadChunk(*response_.mutable_data()); !read) return End(read);
    response_.set_offset(offset_);
    response_.set_crc32c(Crc32c(response_.data()));
    offset_ += response_.data().size();
    sent_bytes_ += response_.data().size();
    // A write that the client does not take never ends by itself.
    stalled_ = access_.reader.RunAfter(access_.longest_write, [this] { context_.TryCancel(); });
    StartWrite(&response_);
  }

  Status ReadChunk(std::string& data) const {
    data.resize(ToSize(std::min(kDumpChunkBytes, dump_.dump.size_bytes - offset_)));
    for (std::size_t filled = 0; filled < data.size();) {
      const ssize_t got = ::pread(dump_.bytes.get(), data.data() + filled, data.size() - filled,
                                  static_cast<off_t>(offset_ + filled));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return ErrnoError("dump " + dump_.dump.id, errno);
      if (got == 0) return Error{Code::kDataLoss, "dump " + dump_.dump.id + ": bytes are missing"};
      filled += static_cast<std::size_t>(got);
    }
    return {};
  }

  void End(const Status& why) {
    const std::string sent = FormatBytes({sent_bytes_});
    if (why.ok()) {
      spdlog::info("dump {}: download by {} complete after {}", dump_.dump.id, client_, sent);
    } else {
      spdlog::warn("dump {}: download by {} ended after {}: {}", dump_.dump.id, client_, sent,
                   why.error().message);
    }
    // After Finish() the context may be gone at any moment: nothing of it is used any more.
    Finish(why.ok() ? grpc::Status::OK : ToGrpc(why.error(), context_));
  }

  grpc::CallbackServerContext& context_;
  const DumpAccess& access_;
  const std::string client_;
  std::uint64_t offset_;  // Of the next chunk.
  const Admitted admitted_;
  const std::unique_ptr<CallPlace> place_;
  OpenedDump dump_;
  std::uint64_t sent_bytes_ = 0;
  dumps::DownloadDumpResponse response_;  // gRPC reads it until OnWriteDone.
  Timer stalled_;
};

}  // namespace

grpc::ServerWriteReactor<dumps::DownloadDumpResponse>* NewDownload(
    grpc::CallbackServerContext& context, const DumpAccess& access,
    const dumps::DownloadDumpRequest& request, Admitted admitted,
    std::unique_ptr<CallPlace> place) {
  return new DownloadCall(context, access, request, std::move(admitted), std::move(place));
}

}  // namespace edgefeed
