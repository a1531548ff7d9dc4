#include "common/runtime/tcp_listener.h"

#include <doctest/doctest.h>
#include <fcntl.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <future>
#include <memory>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/runtime/strand.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;

tcp::socket Connect(boost::asio::io_context& io, std::uint16_t port) {
  tcp::socket socket(io);
  socket.connect({boost::asio::ip::address_v4::loopback(), port});
  return socket;
}

class Fixture {
 public:
  std::unique_ptr<TcpListener> Listen(const Endpoint& endpoint, TcpListener::OnPeer on_peer) {
    auto listener = TcpListener::Start(strand, endpoint, std::move(on_peer));
    REQUIRE(listener);
    return std::move(*listener);
  }

  SystemClock clock;
  Strand strand{"test", clock};
  boost::asio::io_context io;
};

TEST_CASE("who connects is handed over with its address, and a socket that is dropped is closed") {
  Fixture f;
  std::promise<std::string> source;
  const auto listener = f.Listen({.host = "127.0.0.1", .port = 0}, [&](const TcpPeer& peer) {
    source.set_value(peer.source);
    return 0ms;
  });
  tcp::socket socket = Connect(f.io, listener->port());
  CHECK(source.get_future().get() == "127.0.0.1");
  char byte = 0;
  boost::system::error_code end;
  boost::asio::read(socket, boost::asio::buffer(&byte, 1), end);
  CHECK(end == boost::asio::error::eof);
}

TEST_CASE("a socket that is handed over never waits, and is not inherited") {
  Fixture f;
  std::promise<std::pair<int, int>> flags;
  const auto listener = f.Listen({.host = "127.0.0.1", .port = 0}, [&](const TcpPeer& peer) {
    flags.set_value({::fcntl(peer.socket.get(), F_GETFD), ::fcntl(peer.socket.get(), F_GETFL)});
    return 0ms;
  });
  const tcp::socket socket = Connect(f.io, listener->port());
  const auto [descriptor, file] = flags.get_future().get();
  CHECK((descriptor & FD_CLOEXEC) != 0);
  CHECK((file & O_NONBLOCK) != 0);
}

TEST_CASE("the next ones wait as long as they are told to") {
  Fixture f;
  std::atomic<int> peers{0};
  std::promise<SteadyTime> first;
  std::promise<SteadyTime> second;
  const auto listener = f.Listen({.host = "127.0.0.1", .port = 0}, [&](const TcpPeer&) {
    (++peers == 1 ? first : second).set_value(f.strand.Now());
    return 300ms;
  });
  const tcp::socket one = Connect(f.io, listener->port());
  const tcp::socket other = Connect(f.io, listener->port());
  const SteadyTime began = first.get_future().get();
  CHECK(second.get_future().get() - began >= 300ms);
}

TEST_CASE("a port that another has is an error that names it") {
  Fixture f;
  const auto ignore = [](const TcpPeer&) { return 0ms; };
  const auto first = f.Listen({.host = "127.0.0.1", .port = 0}, ignore);
  const auto second =
      TcpListener::Start(f.strand, {.host = "127.0.0.1", .port = first->port()}, ignore);
  REQUIRE_FALSE(second);
  CHECK(second.error().message ==
        "127.0.0.1:" + std::to_string(first->port()) + ": address already in use");
}

TEST_CASE("a host is known by its IPv6 network") {
  Fixture f;
  std::promise<std::string> source;
  auto listener =
      TcpListener::Start(f.strand, {.host = "::1", .port = 0}, [&](const TcpPeer& peer) {
        source.set_value(peer.source);
        return 0ms;
      });
  if (!listener) {
    MESSAGE("no IPv6 here: ", listener.error().message);
    return;
  }
  tcp::socket socket(f.io);
  socket.connect({boost::asio::ip::address_v6::loopback(), (*listener)->port()});
  CHECK(source.get_future().get() == "::/64");
}

}  // namespace
}  // namespace edgefeed
