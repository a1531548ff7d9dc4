#pragma once

#include "common/base/result.h"
#include "common/model/trouble.h"

namespace edgefeed {

// How a call to the collector ended.
struct CallEnd {
  Error why;
  bool from_peer = false;  // The other side said so, not gRPC on this one.
  bool answered = false;   // The call had been answered before.
  bool uses_tls = false;
};

// gRPC has one code for most of it, UNAVAILABLE: the words tell more. Those of gRPC 1.51; what they
// do not tell counts as kTcp.
Trouble TroubleOf(const CallEnd& end);

// The other side ended the connection without a word: all that there is to see when the two sides
// disagree about TLS, or about a client certificate.
bool HungUp(const CallEnd& end);

}  // namespace edgefeed
