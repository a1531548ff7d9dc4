#pragma once

#include <filesystem>

namespace edgefeed {

// PEM files of one side of a TLS connection. An empty path means "not given".
struct TlsFiles {
  std::filesystem::path ca;    // Whom to believe: required of a client; on a server it makes client
                               // certificates mandatory (mTLS).
  std::filesystem::path cert;  // Own certificate chain: required of a server.
  std::filesystem::path key;   // Its private key.
  friend bool operator==(const TlsFiles&, const TlsFiles&) = default;
};

}  // namespace edgefeed
