#pragma once

#include <functional>
#include <memory>

#include "agent/app/config.h"
#include "agent/app/line_watch.h"
#include "agent/ports.h"
#include "agent/rpc/upload_transport.h"
#include "agent/upload/uploader.h"
#include "common/model/shared_tls.h"
#include "common/runtime/strand.h"

namespace edgefeed {

// The upload that one configuration makes, with its connection. On the dumps strand.
class DumpUpload {
 public:
  // `strand` and `queue` must outlive it. `tls`: as for GrpcUploadTransport.
  DumpUpload(const AgentConfig& config, std::shared_ptr<const SharedTls> tls, Strand& strand,
             DumpQueue& queue);

  void Start() { uploader_.Start(); }
  // While it is busy, dumps wait.
  void SetLine(Line line);
  // Ends what is under way where it is, then calls `done`, when this may be destroyed.
  void Stop(const std::function<void()>& done);

 private:
  GrpcUploadTransport transport_;
  Uploader uploader_;
};

}  // namespace edgefeed
