#pragma once

#include <grpcpp/support/server_callback.h>

#include "collector/rpc/upload_service.h"
#include "fileupload.pb.h"

namespace edgefeed {

// A new Upload call. It deletes itself on the calls strand when gRPC is done with it.
grpc::ServerReadReactor<fileupload::FileChunk>* NewUpload(grpc::CallbackServerContext& context,
                                                          const UploadAccess& access,
                                                          fileupload::UploadResponse& response,
                                                          Admitted admitted);

}  // namespace edgefeed
