#pragma once

#include <grpcpp/support/server_callback.h>

#include <cstdint>

#include "collector/rpc/call_gate.h"
#include "collector/rpc/shards.h"
#include "collector/stats.h"
#include "telemetry.pb.h"

namespace edgefeed {

// A new Subscribe session. It deletes itself when gRPC is done with it; all references must outlive
// it. At most `max_subscribers` at a time: one more is refused with RESOURCE_EXHAUSTED.
grpc::ServerWriteReactor<telemetry::MetricsResponse>* NewSubscribe(
    grpc::CallbackServerContext& context, const telemetry::MetricsRequest& request, Shards& shards,
    std::uint32_t max_subscribers, CollectorStats& stats, Admitted admitted);

}  // namespace edgefeed
