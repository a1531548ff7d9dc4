#include "tests/support/web_server.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cctype>
#include <mutex>
#include <thread>

namespace edgefeed {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace ssl = asio::ssl;
using asio::ip::tcp;
using boost::system::error_code;

ReceivedRequest ToRequest(const http::request<http::string_body>& message) {
  ReceivedRequest request{.method = std::string(message.method_string()),
                          .target = std::string(message.target()),
                          .headers = {},
                          .body = message.body()};
  for (const auto& field : message) {
    std::string name(field.name_string());
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    request.headers[name] = std::string(field.value());
  }
  return request;
}

template <typename Stream>
void Serve(Stream& stream, const WebServer::Answer& answer) {
  beast::flat_buffer buffer;
  error_code error;
  while (!error) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(std::uint64_t{64} << 20);
    http::read(stream, buffer, parser, error);
    if (error) return;
    const auto reply = answer(ToRequest(parser.get()));
    http::response<http::string_body> message(static_cast<http::status>(reply.status), 11,
                                              reply.body);
    for (const auto& [name, value] : reply.headers) message.set(name, value);
    message.prepare_payload();
    http::write(stream, message, error);
  }
}

}  // namespace

struct WebServer::Impl {
  Impl(Answer given, const std::optional<TlsFiles>& files) : answer(std::move(given)) {
    if (files) {
      tls.emplace(ssl::context::tls_server);
      tls->use_certificate_chain_file(files->cert.string());
      tls->use_private_key_file(files->key.string(), ssl::context::pem);
      if (!files->ca.empty()) {
        tls->load_verify_file(files->ca.string());
        tls->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
      }
    }
    thread = std::thread([this] { Run(); });
  }
  ~Impl() {
    {
      const std::lock_guard lock(mutex);
      stopped = true;
      // Wakes whoever reads of them, or waits for the next.
      if (open != -1) ::shutdown(open, SHUT_RDWR);
      ::shutdown(acceptor.native_handle(), SHUT_RDWR);
    }
    thread.join();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void Run() {
    error_code error;
    while (true) {
      tcp::socket socket(context);
      acceptor.accept(socket, error);
      if (error || !Opened(socket.native_handle())) return;
      ++connections;
      ServeOne(socket);
      Opened(-1);
    }
  }
  void ServeOne(tcp::socket& socket) {
    if (!tls) return Serve(socket, answer);
    ssl::stream<tcp::socket&> stream(socket, *tls);
    error_code error;
    stream.handshake(ssl::stream_base::server, error);
    if (!error) Serve(stream, answer);
  }
  // False when the server stops.
  bool Opened(int fd) {
    const std::lock_guard lock(mutex);
    open = fd;
    return !stopped;
  }

  Answer answer;
  std::optional<ssl::context> tls;
  asio::io_context context;
  tcp::acceptor acceptor{context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  std::atomic<std::size_t> connections{0};
  std::mutex mutex;
  int open = -1;
  bool stopped = false;
  std::thread thread;
};

WebServer::WebServer(Answer answer, const std::optional<TlsFiles>& tls)
    : impl_(std::make_unique<Impl>(std::move(answer), tls)) {}

WebServer::~WebServer() = default;

std::uint16_t WebServer::port() const { return impl_->acceptor.local_endpoint().port(); }

std::string WebServer::url() const {
  return (impl_->tls ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port());
}

std::size_t WebServer::connections() const { return impl_->connections; }

}  // namespace edgefeed
