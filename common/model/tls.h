#pragma once

#include <filesystem>
#include <string>

namespace edgefeed {

// PEM files of one side of a TLS connection. An empty path means "not given".
struct TlsFiles {
  std::filesystem::path ca;    // Whom to believe: required of a client; on a server it makes client
                               // certificates mandatory (mTLS).
  std::filesystem::path cert;  // Own certificate chain: required of a server.
  std::filesystem::path key;   // Its private key.
  friend bool operator==(const TlsFiles&, const TlsFiles&) = default;
};

// What these files hold, as text. An empty one: there is no such file.
struct TlsPem {
  std::string ca;
  std::string cert;
  std::string key;
  friend bool operator==(const TlsPem&, const TlsPem&) = default;
};

}  // namespace edgefeed
