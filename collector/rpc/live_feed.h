#pragma once

#include <grpcpp/support/server_callback.h>

#include "collector/rpc/call_gate.h"
#include "collector/rpc/shards.h"
#include "collector/stats.h"
#include "common/base/units.h"
#include "common/wire/payload_decoder.h"
#include "telemetry.pb.h"

namespace edgefeed {

struct FeedLimits {
  PayloadLimits payload;
  Bytes payload_size = KiB(256);
  // A second, after eight seconds' worth at once; a payload counts as 256 bytes at least, each of
  // its values as 8, and one with anything to reject as 64 KiB.
  Bytes rate = KiB(256);
};

// A new LiveFeed session. It deletes itself when gRPC is done with it; all references must outlive
// it.
grpc::ServerBidiReactor<telemetry::MetricsPayload, telemetry::AlertResponse>* NewLiveFeed(
    grpc::CallbackServerContext& context, Shards& shards, const FeedLimits& limits,
    CollectorStats& stats, Admitted admitted);

}  // namespace edgefeed
