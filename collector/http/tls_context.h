#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>

#include "common/base/result.h"
#include "common/model/tls.h"

namespace boost::asio::ssl {
class context;  // NOLINT(readability-identifier-naming): Boost's name.
}  // namespace boost::asio::ssl

namespace edgefeed {

// What clients prove themselves with where there is a `client_ca`.
enum class ClientProof { kCertificate, kCertificateOrToken };

// The server's side of TLS 1.2 or newer. With `pem.ca`, a client must show a certificate of it, or
// may: one that is shown is always a good one.
Result<std::shared_ptr<boost::asio::ssl::context>> MakeServerTls(const TlsPem& pem,
                                                                 ClientProof proof);

// The certificate that the client of this connection has shown, as PEM; empty: none.
std::string ClientCertificate(const SSL* connection);

}  // namespace edgefeed
