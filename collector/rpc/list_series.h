#pragma once

#include <grpcpp/support/server_callback.h>

#include "collector/rpc/call_gate.h"
#include "collector/rpc/history_access.h"
#include "fleet.pb.h"

namespace edgefeed {

// A new ListSeries call. It deletes itself on the store strand when gRPC is done with it.
grpc::ServerWriteReactor<ListSeriesResponse>* NewListSeries(grpc::CallbackServerContext& context,
                                                            const ListSeriesRequest& request,
                                                            const HistoryAccess& access,
                                                            Admitted admitted);

}  // namespace edgefeed
