#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <set>

#include "collector/http/http_config.h"
#include "collector/http/router.h"

namespace boost::asio::ssl {
class context;  // NOLINT(readability-identifier-naming): Boost's name.
}  // namespace boost::asio::ssl

namespace edgefeed {

// One client's connection, from accept to close. On the HTTP strand.
class Connection {
 public:
  virtual ~Connection() = default;
  // Drops it now, whatever it is doing. Leaves the set of connections.
  virtual void Close() = 0;
};

// What all connections share. It owns them and they own it, until they close.
struct ConnectionPool {
  HttpServerConfig config;
  std::shared_ptr<Router> router;
  std::shared_ptr<boost::asio::ssl::context> tls;  // Null: plaintext.
  std::set<std::shared_ptr<Connection>> connections;
};

enum class Admission { kServe, kRefuse };  // kRefuse: 503 to the first request, then close.

void StartConnection(boost::asio::ip::tcp::socket socket,
                     const std::shared_ptr<ConnectionPool>& pool, Admission admission);

}  // namespace edgefeed
