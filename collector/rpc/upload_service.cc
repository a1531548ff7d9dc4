#include "collector/rpc/upload_service.h"

#include <spdlog/spdlog.h>

#include <memory>
#include <utility>

#include "collector/rpc/peer.h"
#include "collector/uploads/upload_session.h"
#include "common/rpc/status.h"

namespace edgefeed {
namespace {

using fileupload::FileChunk;
using fileupload::UploadResponse;

class UploadCall final : public grpc::ServerReadReactor<FileChunk> {
 public:
  UploadCall(grpc::CallbackServerContext& context, Strand& strand, UploadStore& store,
             CollectorStats& stats, UploadResponse& response)
      : context_(context),
        strand_(strand),
        session_(std::make_unique<UploadSession>(store, stats)),
        response_(response) {
    StartRead(&chunk_);
  }

  void OnReadDone(bool ok) override {
    strand_.Post([this, ok] { HandleRead(ok); });
  }
  void OnDone() override {
    strand_.Post([this] { delete this; });
  }

 private:
  void HandleRead(bool ok) {
    if (!ok) {
      return FinishWith(context_.IsCancelled() ? session_->Disconnected() : session_->EndedEarly());
    }
    auto stored = session_->Take({.filename = chunk_.filename(),
                                  .data = chunk_.data(),
                                  .index = chunk_.chunk_index(),
                                  .is_last = chunk_.is_last()});
    if (!stored) return FinishWith(stored.error());
    if (!*stored) return StartRead(&chunk_);
    Reply(**stored);
  }

  void Reply(const UploadSession::Stored& stored) {
    spdlog::info("upload {} from {} stored as {}: {} in {} chunks", stored.filename,
                 PeerAddress(context_.peer()), stored.path.string(), FormatBytes(stored.size),
                 stored.chunks);
    response_.set_filename(stored.filename);
    response_.set_total_bytes(stored.size.count);
    response_.set_total_chunks(stored.chunks);
    response_.set_success(true);
    response_.set_message("stored as " + stored.path.filename().string());
    session_.reset();
    Finish(grpc::Status::OK);
  }

  void FinishWith(const Error& why) {
    spdlog::warn("{} ({})", why.message, PeerAddress(context_.peer()));
    session_.reset();  // Frees its part of the quota now, not when gRPC is done.
    Finish(ToGrpc(why));
  }

  grpc::CallbackServerContext& context_;
  Strand& strand_;
  std::unique_ptr<UploadSession> session_;
  UploadResponse& response_;
  FileChunk chunk_;
};

}  // namespace

grpc::ServerReadReactor<FileChunk>* UploadServiceImpl::Upload(grpc::CallbackServerContext* context,
                                                              UploadResponse* response) {
  return new UploadCall(*context, strand_, store_, stats_, *response);
}

}  // namespace edgefeed
