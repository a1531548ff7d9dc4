#include "common/runtime/tcp_listener.h"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <utility>
#include <vector>

#include "common/runtime/strand.h"
#include "common/runtime/tcp_acceptors.h"

namespace edgefeed {
namespace {

namespace ip = boost::asio::ip;
using boost::system::error_code;

constexpr std::chrono::milliseconds kErrorPause{200};  // When out of file descriptors, say.
constexpr std::size_t kNetworkBytes = 8;               // Of an IPv6 address.

std::string SourceOf(const ip::address& address) {
  if (address.is_v4()) return address.to_string();
  ip::address_v6 v6 = address.to_v6();
  if (v6.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, v6).to_string();
  auto bytes = v6.to_bytes();
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
    listening.acceptor.async_accept(
        [self = shared_from_this(), &listening](const error_code& error, ip::tcp::socket socket) {
          self->OnAccept(listening, error, std::move(socket));
        });
  }

  void OnAccept(Listening& listening, const error_code& error, ip::tcp::socket socket) {
    if (!listening.acceptor.is_open()) return;
    const auto pause = error ? kErrorPause : HandOver(std::move(socket));
    if (pause.count() <= 0) return AcceptNext(listening);
    listening.pause = strand.RunAfter(pause, [this, &listening] { AcceptNext(listening); });
  }

  std::chrono::milliseconds HandOver(ip::tcp::socket socket) const {
    error_code error;
    const auto peer = socket.remote_endpoint(error);
    if (error) return {};  // It has gone already.
    socket.native_non_blocking(true, error);
    if (error) return {};
    const int fd = socket.release(error);
    if (error) return {};
    return on_peer({.socket = UniqueFd(fd), .source = SourceOf(peer.address())});
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
  for (auto& acceptor : *acceptors) impl->all.push_back({std::move(acceptor), {}});
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
