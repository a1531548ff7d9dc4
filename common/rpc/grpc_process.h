#pragma once

namespace edgefeed {

// What gRPC is to be like in this process. Call once, before gRPC is used.
//
// Its log would write a line to stderr for each failed handshake, as often as a stranger likes: its
// errors go to our log as warnings, at most one in 10 s, with the number of those left out; the
// rest is dropped. GRPC_VERBOSITY in the environment leaves gRPC's log alone. The same goes for
// libprotobuf, which has a line for each text of a message that is not UTF-8.
//
// Debian builds Abseil without NDEBUG, so each of gRPC's locks is checked for lock-order cycles,
// and a suspected one would abort the process. The check took a fifth of the collector's CPU at
// 10,000 feeds (docs/adr/0005): it is switched off.
void PrepareGrpc();

}  // namespace edgefeed
