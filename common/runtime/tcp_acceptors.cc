#include "common/runtime/tcp_acceptors.h"

#include <fcntl.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <cctype>
#include <set>

namespace edgefeed {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

Error ListenError(const Endpoint& listen, const error_code& error) {
  std::string reason = error.message();
  if (!reason.empty())
    reason[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(reason[0])));
  return Error{Code::kUnavailable, ToString(listen) + ": " + reason};
}

tcp::acceptor Open(asio::io_context& context, const tcp::endpoint& address, error_code& error) {
  tcp::acceptor acceptor(context);
  acceptor.open(address.protocol(), error);
  // What we start must not keep the port when we are gone.
  if (!error) ::fcntl(acceptor.native_handle(), F_SETFD, FD_CLOEXEC);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  // Each address gets a socket of its own, but "::" alone stands for IPv4 as well.
  if (!error && address.address().is_v6()) {
    acceptor.set_option(asio::ip::v6_only(!address.address().is_unspecified()), error);
  }
  if (!error) acceptor.bind(address, error);
  if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
  return acceptor;
}

bool IsMissingFamily(const error_code& error) {
  return error == asio::error::address_family_not_supported ||
         error == boost::system::errc::address_not_available;
}

}  // namespace

Result<std::vector<tcp::acceptor>> Listen(asio::io_context& context, const Endpoint& listen) {
  error_code error;
  const auto resolved = tcp::resolver(context).resolve(listen.host, std::to_string(listen.port),
                                                       tcp::resolver::passive, error);
  if (error) return ListenError(listen, error);
  std::set<tcp::endpoint> addresses;
  for (const auto& entry : resolved) addresses.insert(entry.endpoint());
  std::vector<tcp::acceptor> acceptors;
  error_code missing;
  for (tcp::endpoint address : addresses) {
    if (!acceptors.empty()) address.port(acceptors.front().local_endpoint().port());
    tcp::acceptor acceptor = Open(context, address, error);
    if (!error) {
      acceptors.push_back(std::move(acceptor));
    } else if (IsMissingFamily(error)) {
      missing = error;
    } else {
      return ListenError(listen, error);
    }
  }
  if (acceptors.empty()) return ListenError(listen, missing);
  return acceptors;
}

}  // namespace edgefeed
