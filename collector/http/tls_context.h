#pragma once

#include <memory>

#include "common/base/result.h"
#include "common/model/tls.h"

namespace boost::asio::ssl {
class context;  // NOLINT(readability-identifier-naming): Boost's name.
}  // namespace boost::asio::ssl

namespace edgefeed {

// The server's side of TLS 1.2 or newer. With `pem.ca`, a client must show a certificate of it.
Result<std::shared_ptr<boost::asio::ssl::context>> MakeServerTls(const TlsPem& pem);

}  // namespace edgefeed
