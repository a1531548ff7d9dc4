// Who connects only to be in the way.

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <string>
#include <vector>

#include "tests/e2e/client.h"
#include "tests/e2e/rig.h"
#include "tests/support/test_certificates.h"

namespace edgefeed::e2e {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

// As somebody else than the rest of this test: loopback is a network of many addresses.
constexpr const char* kAttacker = "127.0.0.66";

class Attacker {
 public:
  // One more connection, non-blocking, that sends these bytes.
  tcp::socket& Connect(std::uint16_t port, const std::string& bytes) {
    tcp::socket& socket = sockets_.emplace_back(io_);
    socket.open(tcp::v4());
    socket.bind({boost::asio::ip::make_address(kAttacker), 0});
    error_code refused;
    socket.connect({boost::asio::ip::address_v4::loopback(), port}, refused);
    if (!refused) socket.non_blocking(true);
    Send(socket, bytes);
    return socket;
  }

  // False: the other side has hung up.
  static bool Send(tcp::socket& socket, const std::string& bytes) {
    error_code error;
    boost::asio::write(socket, boost::asio::buffer(bytes), error);
    std::array<char, 4096> told{};
    while (socket.read_some(boost::asio::buffer(told), error) > 0) {
    }
    return error == boost::asio::error::would_block;
  }

 private:
  boost::asio::io_context io_;
  std::vector<tcp::socket> sockets_;
};

// Descriptors for so many sockets; fewer where this machine gives fewer.
std::size_t RoomFor(std::size_t sockets) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return std::min<std::size_t>(sockets, limit.rlim_cur - 500);
}

double OpenDescriptors(const RunningCollector& collector) {
  return collector.Metric("process_open_fds");
}

// A frame of HTTP/2.
std::string Frame(char type, char flags, const std::string& payload, char stream = 1) {
  const auto size = payload.size();
  return std::string{static_cast<char>(size >> 16U),
                     static_cast<char>(size >> 8U),
                     static_cast<char>(size),
                     type,
                     flags,
                     0,
                     0,
                     0,
                     stream} +
         payload;
}

constexpr char kHeaders = 1;
constexpr char kSettings = 4;
constexpr char kContinuation = 9;
constexpr char kEndHeaders = 4;
constexpr std::size_t kFrameBytes = 16'000;

std::string Preface() { return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Frame(kSettings, 0, "", 0); }

// A header with a value of 100 bytes, never indexed (HPACK, RFC 7541).
std::string Header() { return std::string("\x10\x04name\x64", 7) + std::string(100, 'v'); }

std::string HeadersOf(std::size_t bytes) {
  std::string headers;
  while (headers.size() < bytes) headers += Header();
  return headers;
}

// More samples of it come in.
bool Feeds(const RunningCollector& collector, const std::string& device) {
  const auto count = [&] {
    return collector.DeviceMetric("edgefeed_device_payloads_total", device);
  };
  const double before = count();
  return Await([&] { return count() >= before + 5; });
}

TlsFiles HostCertificate(const std::filesystem::path& directory) {
  RunOpenssl(directory,
             "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
             " -subj /CN=collector -addext subjectAltName=DNS:localhost"
             " -keyout own.key -out own.pem");
  return {.ca = {}, .cert = directory / "own.pem", .key = directory / "own.key"};
}

TEST_CASE("ten thousand half-open handshakes of one address keep nobody else out") {
  const TempDir directory;
  const TlsFiles own = HostCertificate(directory.path());
  RunningCollector collector("tls: {cert: " + own.cert.string() + ", key: " + own.key.string() +
                             "}");
  const AgentSpec spec{.collector = "localhost:" + std::to_string(collector.port()),
                       .more = "tls: {ca: " + own.cert.string() + "}"};
  AgentSpec steady = spec;
  steady.name = "steady";
  RunningAgent agent(steady);
  REQUIRE(Feeds(collector, "steady"));
  const double before = OpenDescriptors(collector);

  const std::size_t count = RoomFor(10'000);
  Attacker attacker;
  for (std::size_t i = 0; i < count; ++i) attacker.Connect(collector.port(), "\x16");
  CHECK(OpenDescriptors(collector) <= before + 4000);
  AgentSpec latecomer = spec;
  latecomer.name = "latecomer";
  RunningAgent other(latecomer);
  CHECK(Feeds(collector, "latecomer"));
  CHECK(Feeds(collector, "steady"));

  CHECK(Await([&] { return OpenDescriptors(collector) <= before + 20; }));
  const double refused =
      collector.Metric("edgefeed_collector_connections_refused_total{reason=\"too_often\"}");
  CHECK(refused >= static_cast<double>(count) - 4000);
  CHECK(agent.Stop().dropped == 0);
  CHECK(other.Stop().dropped == 0);
}

TEST_CASE("who sends a byte now and then is sent away") {
  const TempDir directory;
  const TlsFiles own = HostCertificate(directory.path());
  RunningCollector secure("tls: {cert: " + own.cert.string() + ", key: " + own.key.string() + "}");
  RunningCollector plain;
  Attacker attacker;
  const std::string hello("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);
  tcp::socket& tls = attacker.Connect(secure.port(), hello);
  Attacker others[2];
  tcp::socket& preface = others[0].Connect(plain.port(), "PRI * HTTP/2.0\r\n\r\nSM\r\n");
  tcp::socket& page = others[1].Connect(plain.http_port(), "GET / HTTP/1.1\r\nX: ");
  CHECK(Await([&] { return !Attacker::Send(tls, "x"); }));
  CHECK(Await([&] { return !Attacker::Send(page, "x"); }));
  // The rest of the preface is never sent: a wrong byte would end it at once.
  CHECK(Await([&] { return !Attacker::Send(preface, ""); }));
}

TEST_CASE("headers without end, and few bytes that stand for many, cost little and harm nobody") {
  RunningCollector collector;
  RunningAgent agent({.name = "steady", .collector = collector.address()});
  REQUIRE(Feeds(collector, "steady"));
  const double before = collector.Metric("process_resident_memory_bytes");

  Attacker attacker;
  // A header of 4,000 bytes for the table, and then again and again by its number.
  const std::string large = std::string("\x40\x04name\x7f\xa1\x1e", 9) + std::string(4000, 'v');
  std::string bomb = Preface() + Frame(kHeaders, 0, large);
  for (int i = 0; i < 20; ++i) bomb += Frame(kContinuation, 0, std::string(kFrameBytes, '\xbe'));
  attacker.Connect(collector.port(), bomb);
  std::string endless = Preface() + Frame(kHeaders, 0, HeadersOf(kFrameBytes));
  for (int i = 0; i < 500; ++i) endless += Frame(kContinuation, 0, HeadersOf(kFrameBytes));
  Attacker another;
  another.Connect(collector.port(), endless + Frame(kContinuation, kEndHeaders, Header()));

  CHECK(Feeds(collector, "steady"));
  CHECK(collector.Metric("process_resident_memory_bytes") <= before + (64 << 20));
  CHECK(agent.Stop().dropped == 0);
}

TEST_CASE("metadata over the limit is refused, and other connections serve on") {
  RunningCollector collector;
  DeviceFeed feed(Connect(collector.address()), "steady", "run");
  REQUIRE(feed.SendAndAwaitAck());
  for (const std::size_t bytes : {20'000U, 1'000'000U}) {
    grpc::ClientContext context;
    context.AddMetadata("bomb", std::string(bytes, 'x'));
    telemetry::MetricsRequest request;
    request.set_service_name("steady");
    telemetry::MetricsResponse response;
    const auto stub = telemetry::TelemetryService::NewStub(Connect(collector.address()));
    CHECK_FALSE(stub->GetSnapshot(&context, request, &response).ok());
    CHECK(feed.SendAndAwaitAck());
  }
  CHECK(feed.Finish().ok());
}

}  // namespace
}  // namespace edgefeed::e2e
