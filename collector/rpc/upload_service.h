#pragma once

#include "collector/rpc/call_gate.h"
#include "collector/stats.h"
#include "collector/uploads/begun_uploads.h"
#include "collector/uploads/upload_store.h"
#include "common/base/allowances.h"
#include "common/base/units.h"
#include "common/runtime/strand.h"
#include "fileupload.grpc.pb.h"

namespace edgefeed {

// What upload calls need. All references must outlive them.
struct UploadAccess {
  Strand& calls;  // The calls' own state: never waits.
  Strand& store;  // The files. Both below are used on it only.
  UploadStore& plain;
  BegunUploads& begun;
  CollectorStats& stats;
  Allowances& rates;  // Of what each device may send, on `calls`.
  Bytes device_rate = MiB(2);
  // A segment that brings nothing for so long is ended.
  std::chrono::milliseconds longest_silence{60'000};
};

// The upload contract. `gate` must outlive it.
class UploadServiceImpl final : public fileupload::FileUploadService::CallbackService {
 public:
  UploadServiceImpl(const UploadAccess& access, const CallGate& gate)
      : access_(access), gate_(gate) {}

  grpc::ServerReadReactor<fileupload::FileChunk>* Upload(
      grpc::CallbackServerContext* context, fileupload::UploadResponse* response) override;
  grpc::ServerUnaryReactor* BeginUpload(grpc::CallbackServerContext* context,
                                        const fileupload::BeginUploadRequest* request,
                                        fileupload::UploadResponse* response) override;
  grpc::ServerUnaryReactor* QueryUpload(grpc::CallbackServerContext* context,
                                        const fileupload::QueryUploadRequest* request,
                                        fileupload::UploadResponse* response) override;
  grpc::ServerUnaryReactor* AbortUpload(grpc::CallbackServerContext* context,
                                        const fileupload::AbortUploadRequest* request,
                                        fileupload::UploadResponse* response) override;

 private:
  const UploadAccess access_;
  const CallGate& gate_;
};

}  // namespace edgefeed
