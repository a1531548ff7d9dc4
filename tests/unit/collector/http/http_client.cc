#include "tests/unit/collector/http/http_client.h"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cctype>
#include <stdexcept>
#include <string_view>

namespace edgefeed {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace ssl = asio::ssl;
using asio::ip::tcp;
using boost::system::error_code;

enum class Body { kRead, kSkip };

tcp::endpoint Loopback(std::uint16_t port) { return {asio::ip::address_v4::loopback(), port}; }

std::string RequestText(const std::string& method, const std::string& target,
                        const std::string& headers) {
  return method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n";
}

template <typename Stream>
std::optional<HttpTestReply> ReadReply(Stream& stream, beast::flat_buffer& buffer, Body body) {
  http::response_parser<http::string_body> parser;
  parser.skip(body == Body::kSkip);
  error_code error;
  http::read(stream, buffer, parser, error);
  if (error) return std::nullopt;
  const auto& message = parser.get();
  HttpTestReply reply{.status = message.result_int(), .headers = {}, .body = message.body()};
  for (const auto& field : message) {
    std::string name(field.name_string());
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    std::string& value = reply.headers[name];
    if (!value.empty()) value += ", ";
    value += std::string(field.value());
  }
  return reply;
}

}  // namespace

struct HttpTestClient::Impl {
  asio::io_context context;
  tcp::socket socket{context};
  beast::flat_buffer buffer;
};

HttpTestClient::HttpTestClient(std::uint16_t port) : impl_(std::make_unique<Impl>()) {
  impl_->socket.connect(Loopback(port));
}

HttpTestClient::~HttpTestClient() = default;

void HttpTestClient::Send(const std::string& method, const std::string& target,
                          const std::string& headers) {
  SendRaw(RequestText(method, target, headers));
}

void HttpTestClient::SendRaw(const std::string& bytes) {
  error_code ignored;  // The server may have ended the connection: the reply tells.
  asio::write(impl_->socket, asio::buffer(bytes), ignored);
}

std::optional<HttpTestReply> HttpTestClient::Read() {
  return ReadReply(impl_->socket, impl_->buffer, Body::kRead);
}

std::optional<HttpTestReply> HttpTestClient::ReadToHead() {
  return ReadReply(impl_->socket, impl_->buffer, Body::kSkip);
}

HttpTestReply HttpTestClient::Get(const std::string& target, const std::string& headers) {
  Send("GET", target, headers);
  auto reply = Read();
  if (!reply) throw std::runtime_error("no reply to GET " + target);
  return *reply;
}

std::optional<std::string> HttpTestClient::ReadThrough(const std::string& text) {
  auto& buffer = impl_->buffer;
  while (true) {
    const std::string_view held(static_cast<const char*>(buffer.data().data()), buffer.size());
    if (const auto at = held.find(text); at != std::string_view::npos) {
      std::string through(held.substr(0, at + text.size()));
      buffer.consume(through.size());
      return through;
    }
    error_code error;
    buffer.commit(impl_->socket.read_some(buffer.prepare(4096), error));
    if (error) return std::nullopt;
  }
}

bool HttpTestClient::IsAtEnd() {
  char byte = 0;
  error_code error;
  return impl_->socket.read_some(asio::buffer(&byte, 1), error) == 0 && error;
}

std::optional<HttpTestReply> GetOverTls(std::uint16_t port, const std::string& target,
                                        const std::filesystem::path& ca,
                                        const std::optional<TlsTestIdentity>& identity,
                                        const std::string& headers) {
  ssl::context tls(ssl::context::tls_client);
  tls.set_verify_mode(ssl::verify_peer);
  tls.load_verify_file(ca.string());
  if (identity) {
    tls.use_certificate_chain_file(identity->cert.string());
    tls.use_private_key_file(identity->key.string(), ssl::context::pem);
  }
  asio::io_context context;
  ssl::stream<tcp::socket> stream(context, tls);
  stream.next_layer().connect(Loopback(port));
  error_code error;
  stream.handshake(ssl::stream_base::client, error);
  if (error) return std::nullopt;
  asio::write(stream, asio::buffer(RequestText("GET", target, headers)), error);
  beast::flat_buffer buffer;
  return ReadReply(stream, buffer, Body::kRead);
}

}  // namespace edgefeed
