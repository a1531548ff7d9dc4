#include "collector/rpc/upload_service.h"

#include <functional>
#include <memory>
#include <utility>

#include "collector/rpc/refusal.h"
#include "collector/rpc/upload_call.h"
#include "collector/rpc/upload_response.h"
#include "common/rpc/status.h"
#include "common/wire/dump_info.h"

namespace edgefeed {
namespace {

using fileupload::UploadResponse;

// One question, answered on the store strand. It may be cancelled while it waits for the answer,
// and lives until both the answer has come and gRPC is done with it.
class UploadQuestion final : public grpc::ServerUnaryReactor,
                             public std::enable_shared_from_this<UploadQuestion> {
 public:
  using Fail = std::function<void(const Error&)>;
  using Ask = std::function<void(const AnswerUpload&, const Fail&)>;

  static grpc::ServerUnaryReactor* Start(grpc::CallbackServerContext& context, Strand& store,
                                         UploadResponse& response, Ask ask) {
    const auto question = std::make_shared<UploadQuestion>(context, store, response);
    question->self_ = question;
    store.Post([question, ask = std::move(ask)] {
      ask([question](const UploadAnswer& answer) { question->Answer(answer); },
          [question](const Error& error) { question->EndWith(error); });
    });
    return question.get();
  }
  UploadQuestion(grpc::CallbackServerContext& context, Strand& store, UploadResponse& response)
      : context_(context), store_(store), response_(response) {}

  void OnCancel() override {
    store_.Post([self = shared_from_this()] { self->End(grpc::Status::CANCELLED); });
  }
  void OnDone() override { self_.reset(); }

 private:
  void Answer(const UploadAnswer& answer) {
    if (ended_) return;
    ToWire(answer, response_);
    End(grpc::Status::OK);
  }
  void EndWith(const Error& why) {
    if (!ended_) End(ToGrpc(why, context_));
  }
  void End(const grpc::Status& status) {
    if (!std::exchange(ended_, true)) Finish(status);
  }

  grpc::CallbackServerContext& context_;
  Strand& store_;
  UploadResponse& response_;
  bool ended_ = false;
  std::shared_ptr<UploadQuestion> self_;
};

}  // namespace

grpc::ServerReadReactor<fileupload::FileChunk>* UploadServiceImpl::Upload(
    grpc::CallbackServerContext* context, UploadResponse* response) {
  auto admitted = gate_.Admit(*context, Method::kUpload);
  if (!admitted) {
    return new RefusalOf<grpc::ServerReadReactor<fileupload::FileChunk>>(*context,
                                                                         admitted.error());
  }
  return NewUpload(*context, access_, *response, *std::move(admitted));
}

grpc::ServerUnaryReactor* UploadServiceImpl::BeginUpload(
    grpc::CallbackServerContext* context, const fileupload::BeginUploadRequest* request,
    UploadResponse* response) {
  const auto admitted = gate_.AdmitFor(*context, Method::kBeginUpload, request->service_name());
  if (!admitted) return Refuse(*context, admitted.error());
  // The request lives until the call is finished.
  return UploadQuestion::Start(
      *context, access_.store, *response,
      [&begun = access_.begun, request](const AnswerUpload& answer, const auto&) {
        UploadRequest begin{.device = request->service_name(),
                            .upload_id = request->upload_id(),
                            .filename = request->filename(),
                            .size_bytes = request->size_bytes(),
                            .sha256 = request->sha256(),
                            .dump = {}};
        if (request->has_dump()) begin.dump = EncodeDumpInfo(FromWire(request->dump()));
        begun.Begin(begin, answer);
      });
}

grpc::ServerUnaryReactor* UploadServiceImpl::QueryUpload(
    grpc::CallbackServerContext* context, const fileupload::QueryUploadRequest* request,
    UploadResponse* response) {
  const auto admitted = gate_.AdmitFor(*context, Method::kQueryUpload, request->service_name());
  if (!admitted) return Refuse(*context, admitted.error());
  return UploadQuestion::Start(
      *context, access_.store, *response,
      [&begun = access_.begun, request](const AnswerUpload& answer, const auto& fail) {
        const auto stand = begun.Query(request->service_name(), request->upload_id());
        stand ? answer(*stand) : fail(stand.error());
      });
}

grpc::ServerUnaryReactor* UploadServiceImpl::AbortUpload(
    grpc::CallbackServerContext* context, const fileupload::AbortUploadRequest* request,
    UploadResponse* response) {
  const auto admitted = gate_.AdmitFor(*context, Method::kAbortUpload, request->service_name());
  if (!admitted) return Refuse(*context, admitted.error());
  return UploadQuestion::Start(
      *context, access_.store, *response,
      [&begun = access_.begun, request](const AnswerUpload& answer, const auto&) {
        answer(begun.Abort(request->service_name(), request->upload_id()));
      });
}

}  // namespace edgefeed
