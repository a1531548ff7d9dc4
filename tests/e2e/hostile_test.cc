// What a port on a network meets.

#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <random>
#include <string>
#include <vector>

#include "tests/e2e/client.h"
#include "tests/e2e/rig.h"

namespace edgefeed::e2e {
namespace {

using boost::asio::ip::tcp;
using doctest::Contains;

class Connection {
 public:
  explicit Connection(std::uint16_t port) : socket_(io_) {
    socket_.connect({boost::asio::ip::address_v4::loopback(), port});
  }

  void Send(const std::string& bytes) {
    boost::system::error_code ignored;  // It may have hung up already.
    boost::asio::write(socket_, boost::asio::buffer(bytes), ignored);
  }

  void HalfClose() {
    boost::system::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
  }

  // Everything until the other side hangs up.
  std::string ReadToEnd() {
    std::string bytes;
    boost::system::error_code end;
    boost::asio::read(socket_, boost::asio::dynamic_buffer(bytes), end);
    return bytes;
  }

 private:
  boost::asio::io_context io_;
  tcp::socket socket_;
};

bool Serves(const RunningCollector& collector) {
  telemetry::MetricsResponse response;
  const auto status = Snapshot(Connect(collector.address()), "nobody", response);
  return status.error_code() == grpc::StatusCode::NOT_FOUND &&
         HttpGet(collector.http_port(), "/healthz").has_value();
}

std::string Garbage(std::size_t size) {
  std::mt19937 random(4711);
  std::string bytes;
  while (bytes.size() < size) bytes += static_cast<char>(random());
  return bytes;
}

TEST_CASE("garbage, half a preface and HTTP/1.1 on the gRPC port harm nobody") {
  RunningCollector collector;
  const std::string preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  for (const std::string& bytes :
       {Garbage(100'000), preface.substr(0, 11), preface + Garbage(10'000),
        std::string("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), std::string("\0", 1)}) {
    Connection connection(collector.port());
    connection.Send(bytes);
    connection.HalfClose();
    static_cast<void>(connection.ReadToEnd());
    CHECK(Serves(collector));
  }
  for (const std::string& bytes : {Garbage(100'000), preface}) {
    Connection connection(collector.http_port());
    connection.Send(bytes);
    connection.HalfClose();
    static_cast<void>(connection.ReadToEnd());
    CHECK(Serves(collector));
  }
}

TEST_CASE("five hundred connections that are opened and closed leave nothing open") {
  RunningCollector collector;
  REQUIRE(Serves(collector));
  const double before = collector.Metric("process_open_fds");
  REQUIRE(before > 0);
  {
    std::vector<std::unique_ptr<Connection>> connections;
    connections.reserve(500);
    for (int i = 0; i < 500; ++i) {
      connections.push_back(std::make_unique<Connection>(collector.port()));
    }
    CHECK(Serves(collector));
  }
  CHECK(Await([&] { return collector.Metric("process_open_fds") <= before + 10; }));
  CHECK(Serves(collector));
}

TEST_CASE("two devices under one name are named once, and do not fight") {
  RunningCollector collector;
  const std::vector channels = {Connect(collector.address()), Connect(collector.address())};
  const std::vector<std::string> runs = {"run-a", "run-b"};
  std::unique_ptr<DeviceFeed> feeds[2];
  const auto open = [&](std::size_t i) {
    feeds[i] = std::make_unique<DeviceFeed>(channels[i], "twin", runs[i]);
    return feeds[i]->SendAndAwaitAck();
  };
  REQUIRE(open(0));

  // Each takes the name back at once, until one is refused.
  std::size_t newcomer = 1;
  int takeovers = 0;
  while (open(newcomer) && takeovers < 100) {
    ++takeovers;
    newcomer = 1 - newcomer;
    CHECK(feeds[newcomer]->Finish().error_code() == grpc::StatusCode::ABORTED);
  }
  const std::size_t holder = 1 - newcomer;
  CHECK(takeovers <= 5);
  for (int i = 0; i < 10; ++i) {
    const grpc::Status refused = feeds[newcomer]->Finish();
    CHECK(refused.error_code() == grpc::StatusCode::ALREADY_EXISTS);
    CHECK(doctest::String(refused.error_message().c_str()) == Contains("'twin'"));
    CHECK_FALSE(open(newcomer));
    CHECK(feeds[holder]->SendAndAwaitAck());
  }
  CHECK(collector.program().CountLines("two devices use the name 'twin'") == 1);
  CHECK(collector.program().CountLines("device 'twin' feeds from") == takeovers + 1U);

  CHECK(feeds[holder]->Finish().ok());
  CHECK(Await([&] {
    static_cast<void>(feeds[newcomer]->Finish());
    return open(newcomer);
  }));
}

TEST_CASE("two agents under one name: one keeps it, the other says why it is refused") {
  RunningCollector collector;
  const AgentSpec spec{.name = "namesake", .collector = collector.address()};
  RunningAgent first(spec);
  RunningAgent second(spec);

  CHECK(collector.program().WaitForLine("two devices use the name 'namesake'", 3 * kPatience));
  CHECK(Await([&] {
    return first.program().CountLines("another device at") +
               second.program().CountLines("another device at") ==
           1;
  }));
  CHECK(collector.program().CountLines("device 'namesake' feeds from") <= 6);
}

}  // namespace
}  // namespace edgefeed::e2e
