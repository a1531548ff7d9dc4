#pragma once

namespace edgefeed {

// Takes over gRPC's own log, which would write a line to stderr for each failed handshake, as often
// as a stranger likes. Its errors go to our log as warnings: at most one in 10 s, with the number
// of those left out; the rest is dropped. GRPC_VERBOSITY in the environment leaves gRPC's log
// alone. Call once, before gRPC is used.
void TakeOverGrpcLog();

}  // namespace edgefeed
