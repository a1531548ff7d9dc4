#pragma once

#include <grpcpp/support/server_callback.h>

#include <memory>

#include "collector/rpc/call_place.h"
#include "collector/rpc/dump_service.h"

namespace edgefeed {

// A new DownloadDump call. It deletes itself on the reader strand when gRPC is done with it.
grpc::ServerWriteReactor<dumps::DownloadDumpResponse>* NewDownload(
    grpc::CallbackServerContext& context, const DumpAccess& access,
    const dumps::DownloadDumpRequest& request, Admitted admitted, std::unique_ptr<CallPlace> place);

}  // namespace edgefeed
