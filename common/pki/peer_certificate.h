#pragma once

#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"

namespace edgefeed {

// What a certificate says of who has its key.
struct PeerCertificate {
  std::string serial;  // Lower case hexadecimal digits, an even number of them: "0a1b".
  WallTime not_after;
  std::vector<std::string> uris;       // Of its subject alternative names, in their order.
  std::vector<std::string> dns_names;  // Likewise.
};

// Of the first certificate in the text. INVALID_ARGUMENT when there is none, or its names cannot be
// read. A name that holds a zero byte is left out: it would not be what it looks like.
Result<PeerCertificate> ReadPeerCertificate(const std::string& pem);

}  // namespace edgefeed
