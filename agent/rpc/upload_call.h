#pragma once

#include <functional>
#include <memory>
#include <string>

#include "agent/upload/transport.h"
#include "fileupload.grpc.pb.h"

namespace edgefeed {

class Strand;

// One call of GrpcUploadTransport. Deletes itself when gRPC is done with it, which may be after the
// transport has abandoned it. On the strand.
class UploadCall {
 public:
  struct Terms {
    Strand& strand;
    std::shared_ptr<fileupload::FileUploadService::Stub> stub;
    UploadEvents& events;
    // The call is about to be deleted; before its last event.
    std::function<void(UploadCall*)> on_ended;
  };

  virtual ~UploadCall() = default;
  UploadCall(const UploadCall&) = delete;
  UploadCall& operator=(const UploadCall&) = delete;

  // No more events; ends the call if it has not ended.
  virtual void Abandon() = 0;

 protected:
  UploadCall() = default;
};

class UploadStream : public UploadCall {
 public:
  virtual void Send(DumpChunk chunk) = 0;
  virtual void HalfClose() = 0;
};

UploadCall* StartBegin(UploadCall::Terms terms, fileupload::BeginUploadRequest request);
UploadCall* StartAbort(UploadCall::Terms terms, fileupload::AbortUploadRequest request);
UploadStream* StartSegment(UploadCall::Terms terms, std::string filename,
                           fileupload::UploadTicket ticket);
// By the original contract.
UploadStream* StartWhole(UploadCall::Terms terms, std::string filename);

}  // namespace edgefeed
