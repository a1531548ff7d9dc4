#include "common/runtime/tcp_listener.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "common/runtime/strand.h"
#include "common/runtime/tcp_acceptors.h"

namespace edgefeed {
namespace {

namespace ip = boost::asio::ip;
using boost::system::error_code;

constexpr std::chrono::milliseconds kErrorPause{200};  // When out of descriptors or memory.
constexpr std::size_t kNetworkBytes = 8;               // Of an IPv6 address.

std::string SourceOf(const sockaddr_storage& peer) {
  if (peer.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &peer, sizeof v4);
    return ip::address_v4(ntohl(v4.sin_addr.s_addr)).to_string();
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &peer, sizeof v6);
  ip::address_v6::bytes_type bytes{};
  std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  if (const ip::address_v6 whole(bytes); whole.is_v4_mapped()) {
    return ip::make_address_v4(ip::v4_mapped, whole).to_string();
  }
  std::fill(bytes.begin() + kNetworkBytes, bytes.end(), std::uint8_t{0});
  return ip::address_v6(bytes).to_string() + "/64";
}

}  // namespace

// Everything on the strand.
struct TcpListener::Impl : std::enable_shared_from_this<Impl> {
  struct Listening {
    ip::tcp::acceptor acceptor;
    Timer pause;
  };

  Impl(Strand& on, OnPeer taker) : strand(on), on_peer(std::move(taker)) {}

  void AcceptNext(Listening& listening) {
    listening.acceptor.async_wait(ip::tcp::acceptor::wait_read,
                                  [self = shared_from_this(), &listening](const error_code&) {
                                    if (listening.acceptor.is_open()) self->Accept(listening);
                                  });
  }

  // Not by Asio, whose sockets the programs that we start would inherit.
  void Accept(Listening& listening) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    UniqueFd socket(::accept4(listening.acceptor.native_handle(),
                              reinterpret_cast<sockaddr*>(&peer), &size,
                              SOCK_NONBLOCK | SOCK_CLOEXEC));
    std::chrono::milliseconds pause{0};
    if (socket.valid()) {
      pause = on_peer({.socket = std::move(socket), .source = SourceOf(peer)});
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      pause = kErrorPause;
    }
    if (pause.count() <= 0) return AcceptNext(listening);
    listening.pause = strand.RunAfter(pause, [this, &listening] { AcceptNext(listening); });
  }

  void Stop() {
    for (Listening& listening : all) {
      error_code ignored;
      listening.acceptor.close(ignored);
      listening.pause.Cancel();
    }
  }

  Strand& strand;
  const OnPeer on_peer;
  std::vector<Listening> all;  // Complete before the first accept: handlers refer to its elements.
};

Result<std::unique_ptr<TcpListener>> TcpListener::Start(Strand& strand, const Endpoint& listen,
                                                        OnPeer on_peer) {
  auto acceptors = Listen(strand.context(), listen);
  if (!acceptors) return acceptors.error();
  auto impl = std::make_shared<Impl>(strand, std::move(on_peer));
  for (auto& acceptor : *acceptors) {
    acceptor.non_blocking(true);  // Who waited may have gone.
    impl->all.push_back({std::move(acceptor), {}});
  }
  std::unique_ptr<TcpListener> listener(new TcpListener(strand, impl));
  RunOn(strand, [&] {
    for (auto& listening : impl->all) impl->AcceptNext(listening);
  });
  return listener;
}

TcpListener::TcpListener(Strand& strand, std::shared_ptr<Impl> impl)
    : strand_(strand),
      impl_(std::move(impl)),
      port_(impl_->all.front().acceptor.local_endpoint().port()) {}

TcpListener::~TcpListener() {
  RunOn(strand_, [this] { impl_->Stop(); });
}

}  // namespace edgefeed
