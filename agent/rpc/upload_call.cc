#include "agent/rpc/upload_call.h"

#include <grpcpp/grpcpp.h>

#include <optional>
#include <utility>

#include "common/base/crc32c.h"
#include "common/rpc/status.h"
#include "common/runtime/strand.h"
#include "common/wire/upload_report.h"

namespace edgefeed {
namespace {

using fileupload::FileChunk;
using fileupload::UploadResponse;

// What all calls have in common: who hears of the end.
template <typename Base>
class EndingCall : public Base {
 public:
  explicit EndingCall(UploadCall::Terms terms) : terms_(std::move(terms)) {}

  void Abandon() override {
    abandoned_ = true;
    context_.TryCancel();
  }

 protected:
  // From one of gRPC's threads.
  void PostEnd(const grpc::Status& status) {
    terms_.strand.Post([this, status] { End(status); });
  }

  UploadCall::Terms terms_;
  grpc::ClientContext context_;
  UploadResponse response_;
  bool abandoned_ = false;

 private:
  void End(const grpc::Status& status) {
    const Result<UploadReport> answer =
        status.ok() ? Result<UploadReport>(FromWire(response_)) : FromGrpc(status, context_);
    const auto on_ended = std::move(terms_.on_ended);
    UploadEvents* events = abandoned_ ? nullptr : &terms_.events;
    on_ended(this);
    delete this;
    if (events != nullptr) events->OnAnswer(answer);
  }
};

template <typename Request>
class QuestionCall final : public EndingCall<UploadCall> {
 public:
  QuestionCall(UploadCall::Terms terms, Request request)
      : EndingCall(std::move(terms)), request_(std::move(request)) {}

  // `ask`: which method of the stub.
  template <typename Ask>
  UploadCall* Start(Ask ask) {
    ask(*terms_.stub->async(), &context_, &request_, &response_,
        [this](const grpc::Status& status) { PostEnd(status); });
    return this;
  }

 private:
  Request request_;
};

class ChunkCall final : public EndingCall<UploadStream>,
                        public grpc::ClientWriteReactor<FileChunk> {
 public:
  // Without a ticket: by the original contract.
  ChunkCall(UploadCall::Terms terms, std::string filename,
            std::optional<fileupload::UploadTicket> ticket)
      : EndingCall(std::move(terms)), filename_(std::move(filename)), ticket_(std::move(ticket)) {}

  UploadStream* Start() {
    terms_.stub->async()->Upload(&context_, &response_, this);
    AddHold();  // Writes start outside reactions; see Release().
    StartCall();
    return this;
  }

  void Send(DumpChunk chunk) override {
    if (released_) return;
    Fill(std::move(chunk));
    StartWrite(&message_);
  }

  void HalfClose() override {
    if (released_) return;
    StartWritesDone();
    Release();
  }

  void Abandon() override {
    EndingCall::Abandon();
    Release();
  }

  void OnWriteDone(bool ok) override {
    terms_.strand.Post([this, ok] {
      if (!ok) return Release();
      if (!abandoned_) terms_.events.OnSent();
    });
  }
  void OnDone(const grpc::Status& status) override { PostEnd(status); }

 private:
  void Fill(DumpChunk chunk) {
    message_.Clear();
    message_.set_is_last(chunk.is_last);
    message_.set_chunk_index(index_++);
    if (!ticket_) {
      message_.set_filename(filename_);  // An original server may look at each.
    } else {
      if (index_ == 1) {
        message_.set_filename(filename_);
        *message_.mutable_ticket() = *ticket_;
      }
      message_.set_offset(chunk.offset);
      message_.set_crc32c(Crc32c(chunk.data));
    }
    message_.set_data(std::move(chunk.data));
  }

  // gRPC keeps the call for us until here: nothing may be started afterwards.
  void Release() {
    if (!std::exchange(released_, true)) RemoveHold();
  }

  std::string filename_;
  std::optional<fileupload::UploadTicket> ticket_;
  FileChunk message_;  // Lives here because gRPC reads it until OnWriteDone.
  std::uint32_t index_ = 0;
  bool released_ = false;
};

}  // namespace

UploadCall* StartBegin(UploadCall::Terms terms, fileupload::BeginUploadRequest request) {
  auto* call = new QuestionCall(std::move(terms), std::move(request));
  return call->Start([](auto& stub, auto... asked) { stub.BeginUpload(asked...); });
}

UploadCall* StartAbort(UploadCall::Terms terms, fileupload::AbortUploadRequest request) {
  auto* call = new QuestionCall(std::move(terms), std::move(request));
  return call->Start([](auto& stub, auto... asked) { stub.AbortUpload(asked...); });
}

UploadStream* StartSegment(UploadCall::Terms terms, std::string filename,
                           fileupload::UploadTicket ticket) {
  return (new ChunkCall(std::move(terms), std::move(filename), std::move(ticket)))->Start();
}

UploadStream* StartWhole(UploadCall::Terms terms, std::string filename) {
  return (new ChunkCall(std::move(terms), std::move(filename), std::nullopt))->Start();
}

}  // namespace edgefeed
