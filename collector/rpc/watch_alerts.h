#pragma once

#include <memory>

#include "collector/rpc/alert_service.h"
#include "collector/rpc/call_place.h"

namespace edgefeed {

// A new WatchAlerts session. It deletes itself when gRPC is done with it; what `access` refers to
// must outlive it.
grpc::ServerWriteReactor<WatchAlertsResponse>* NewWatchAlerts(grpc::CallbackServerContext& context,
                                                              const AlertAccess& access,
                                                              const WatchAlertsRequest& request,
                                                              Admitted admitted,
                                                              std::unique_ptr<CallPlace> place);

}  // namespace edgefeed
