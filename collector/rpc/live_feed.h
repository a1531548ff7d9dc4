#pragma once

#include <grpcpp/support/server_callback.h>

#include "collector/rpc/call_gate.h"
#include "collector/rpc/feed_limits.h"
#include "collector/rpc/shards.h"
#include "collector/stats.h"
#include "telemetry.pb.h"

namespace edgefeed {

// A new LiveFeed session. It deletes itself when gRPC is done with it; all references must outlive
// it.
grpc::ServerBidiReactor<telemetry::MetricsPayload, telemetry::AlertResponse>* NewLiveFeed(
    grpc::CallbackServerContext& context, Shards& shards, const FeedLimits& limits,
    CollectorStats& stats, Admitted admitted);

}  // namespace edgefeed
