#include "agent/proc/tcp_usage.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>
#include <utility>

#include "common/base/unique_fd.h"
#include "tests/unit/agent/proc/fixture_readings.h"

namespace edgefeed {
namespace {

// A client and a server that are connected over loopback.
class TcpPair {
 public:
  // `host`: where the server listens and what the client, a socket of this family, calls.
  explicit TcpPair(int family = AF_INET6, const char* host = "::1") {
    const UniqueFd listener(::socket(AF_INET6, SOCK_STREAM, 0));
    REQUIRE(listener.valid());
    sockaddr_in6 any{};
    any.sin6_family = AF_INET6;
    const auto* address = reinterpret_cast<const sockaddr*>(&any);
    REQUIRE(::bind(listener.get(), address, sizeof any) == 0);
    REQUIRE(::listen(listener.get(), 1) == 0);
    socklen_t size = sizeof any;
    REQUIRE(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&any), &size) == 0);
    client.Reset(::socket(family, SOCK_STREAM, 0));
    Connect(family, host, any.sin6_port);
    server.Reset(::accept(listener.get(), nullptr, nullptr));
    REQUIRE(server.valid());
  }

  // The client sends so many bytes and the server reads them.
  void Pass(std::size_t bytes) const {
    const std::string sent(bytes, 'x');
    REQUIRE(::send(client.get(), sent.data(), bytes, 0) == static_cast<ssize_t>(bytes));
    std::string got(bytes, '\0');
    REQUIRE(::recv(server.get(), got.data(), bytes, MSG_WAITALL) == static_cast<ssize_t>(bytes));
  }

  UniqueFd client;
  UniqueFd server;

 private:
  void Connect(int family, const char* host, in_port_t port) const {
    sockaddr_in v4{.sin_family = AF_INET, .sin_port = port, .sin_addr = {}, .sin_zero = {}};
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = port;
    const bool is_v4 = family == AF_INET;
    void* const target = is_v4 ? static_cast<void*>(&v4.sin_addr) : &v6.sin6_addr;
    REQUIRE(::inet_pton(family, host, target) == 1);
    const auto* address =
        is_v4 ? reinterpret_cast<const sockaddr*>(&v4) : reinterpret_cast<const sockaddr*>(&v6);
    REQUIRE(::connect(client.get(), address, is_v4 ? sizeof v4 : sizeof v6) == 0);
  }
};

// What sending this many bytes at once costs the client beyond them: one segment's headers.
std::uint64_t HeaderOf(const TcpPair& pair) {
  const auto before = ReadTcpUsage(pair.client.get());
  pair.Pass(1000);
  const auto after = ReadTcpUsage(pair.client.get());
  REQUIRE(before);
  REQUIRE(after);
  return after->sent_bytes - before->sent_bytes - 1000;
}

bool IsHeader(std::uint64_t bytes, std::uint64_t without_timestamps) {
  return bytes == without_timestamps || bytes == without_timestamps + 12;
}

struct Total {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
};
Total ReadTotal(Source& source) {
  MachineState state;
  REQUIRE(source.Read(state));
  const Readings readings = ByName(state);
  REQUIRE(readings.size() == 2);
  return {static_cast<std::uint64_t>(readings.at("agent_network_transmit_bytes_total")),
          static_cast<std::uint64_t>(readings.at("agent_network_receive_bytes_total"))};
}

std::unique_ptr<Source> OpenSource() {
  auto source = OpenTcpUsage({});
  REQUIRE(source);
  return *std::move(source);
}

}  // namespace

TEST_CASE("what a socket has sent counts with the headers of its address family" *
          doctest::test_suite("real_kernel")) {
  CHECK(IsHeader(HeaderOf(TcpPair(AF_INET6, "::1")), 60));
  CHECK(IsHeader(HeaderOf(TcpPair(AF_INET, "127.0.0.1")), 40));
  CHECK(IsHeader(HeaderOf(TcpPair(AF_INET6, "::ffff:127.0.0.1")), 40));
}

TEST_CASE("what is sent is received" * doctest::test_suite("real_kernel")) {
  const TcpPair pair;
  pair.Pass(5000);
  const auto server = ReadTcpUsage(pair.server.get());
  REQUIRE(server);
  CHECK(server->received_bytes > 5000);
  CHECK(server->received_bytes < 5000 + 10 * 72);
}

TEST_CASE("what is no TCP socket has no usage") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const UniqueFd in(ends[0]);
  const UniqueFd out(ends[1]);
  const UniqueFd udp(::socket(AF_INET, SOCK_DGRAM, 0));
  CHECK_FALSE(ReadTcpUsage(in.get()));
  CHECK_FALSE(ReadTcpUsage(udp.get()));
  CHECK_FALSE(ReadTcpUsage(-1));
}

TEST_CASE("the total counts every socket, and a descriptor that is there twice once" *
          doctest::test_suite("real_kernel")) {
  const auto source = OpenSource();
  const TcpPair pair;
  const Total before = ReadTotal(*source);
  const UniqueFd twice(::dup(pair.client.get()));
  pair.Pass(10'000);
  const Total after = ReadTotal(*source);
  CHECK(after.sent - before.sent >= 10'000);
  CHECK(after.sent - before.sent < 12'000);  // The other end acknowledges.
  CHECK(after.received - before.received >= 10'000);
  CHECK(after.received - before.received < 12'000);
  CHECK(ReadTotal(*source).sent - after.sent < 1'000);
}

TEST_CASE("another socket on a closed one's descriptor adds its own bytes, and both stay" *
          doctest::test_suite("real_kernel")) {
  const auto source = OpenSource();
  auto pair = std::make_unique<TcpPair>();
  const int fd = pair->client.get();
  pair->Pass(10'000);
  const Total first = ReadTotal(*source);

  pair.reset();
  pair = std::make_unique<TcpPair>();
  // The lowest free number is taken again, for the one end or the other.
  CHECK((pair->client.get() == fd || pair->server.get() == fd));
  pair->Pass(3'000);
  const Total second = ReadTotal(*source);
  CHECK(second.sent - first.sent >= 3'000);
  CHECK(second.sent - first.sent < 5'000);
  CHECK(second.received - first.received >= 3'000);
  CHECK(second.received - first.received < 5'000);

  pair.reset();
  const Total closed = ReadTotal(*source);
  CHECK(closed.sent == second.sent);
  CHECK(closed.received == second.received);
}

}  // namespace edgefeed
