#include "collector/http/connection.h"

#include <array>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <optional>
#include <type_traits>
#include <utility>

#include "collector/http/tls_context.h"

namespace edgefeed {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using beast::error_code;

constexpr std::uint32_t kMaxHeaderBytes = 8U * 1024;
// After its last response a connection is read to its end, for so long and so many bytes: closing
// on unread bytes would reset it and might take the response with it.
constexpr std::chrono::seconds kLinger{2};
constexpr std::size_t kMaxLingerBytes = std::size_t{256} * 1024;

constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; frame-ancestors 'none'";

using PlainStream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

beast::string_view View(std::string_view text) { return {text.data(), text.size()}; }

HttpResponse Refusal(unsigned status, std::string body) {
  return {.status = status, .body = std::move(body)};
}

// What to answer to a request that could not be read; nothing when the client is just gone.
std::optional<HttpResponse> ReadRefusal(const error_code& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return Refusal(431, "the request's header is over 8 KiB\n");
  }
  if (error == http::error::body_limit) return Refusal(413, "no request bodies here\n");
  if (error == http::error::end_of_stream || error == http::error::partial_message) return {};
  const bool is_bad_http =
      error.category() == http::make_error_code(http::error::bad_method).category();
  if (is_bad_http) return Refusal(400, "not a request\n");
  return {};
}

// As people write it; empty when the client has just gone.
std::string AddressOf(const beast::tcp_stream& stream) {
  error_code error;
  const auto peer = stream.socket().remote_endpoint(error);
  if (error) return {};
  return ToString(Endpoint{.host = peer.address().to_string(), .port = peer.port()});
}

// One read or write in flight; an event stream has one of each.
template <typename Stream>
class StreamConnection final : public Connection,
                               public std::enable_shared_from_this<StreamConnection<Stream>> {
 public:
  StreamConnection(Stream stream, std::shared_ptr<ConnectionPool> pool, Admission admission)
      : stream_(std::move(stream)),
        pool_(std::move(pool)),
        admission_(admission),
        address_(AddressOf(Tcp())) {}

  void Start() {
    ++stats().connections_open;
    if constexpr (kIsTls) {
      Tcp().expires_after(pool_->config.idle_timeout);
      stream_.async_handshake(asio::ssl::stream_base::server, Then(&StreamConnection::OnHandshake));
    } else {
      ReadRequest();
    }
  }

  void Close() override {
    if (std::exchange(closed_, Closed::kYes) == Closed::kYes) return;
    const auto self = this->shared_from_this();
    --stats().connections_open;
    EndEvents();
    Tcp().close();
    pool_->connections.erase(self);
  }

 private:
  static constexpr bool kIsTls = std::is_same_v<Stream, TlsStream>;
  enum class Closed { kNo, kYes };

  beast::tcp_stream& Tcp() { return beast::get_lowest_layer(stream_); }
  HttpStats& stats() { return pool_->router->stats(); }

  // A completion handler that keeps the connection alive, and does nothing once it was closed.
  template <typename... Args>
  auto Then(void (StreamConnection::*member)(error_code, Args...)) {
    return [self = this->shared_from_this(), member](error_code error, auto&&... args) {
      if (self->closed_ == Closed::kNo) ((*self).*member)(error, args...);
    };
  }

  void OnHandshake(error_code error) {
    if (error) return Close();
    if constexpr (kIsTls) certificate_ = ClientCertificate(stream_.native_handle());
    ReadRequest();
  }

  void ReadRequest() {
    parser_.emplace();
    parser_->header_limit(kMaxHeaderBytes);
    Tcp().expires_after(pool_->config.idle_timeout);
    http::async_read_header(stream_, buffer_, *parser_, Then(&StreamConnection::OnRequest));
  }

  void OnRequest(error_code error, std::size_t) {
    if (error) {
      const auto refusal = ReadRefusal(error);
      return refusal ? Refuse(*refusal) : Finish();
    }
    if (admission_ == Admission::kRefuse) return Refuse(Refusal(503, "too many connections\n"));
    const auto method = parser_->get().method();
    if (method != http::verb::get && method != http::verb::head) {
      return Refuse(Refusal(405, "only GET and HEAD\n"));
    }
    if (parser_->chunked() || parser_->content_length().value_or(0) > 0) {
      return Refuse(Refusal(413, "no request bodies here\n"));
    }
    Route();
  }

  void Route() {
    const auto& message = parser_->get();
    const auto text = [](beast::string_view view) { return std::string(view.data(), view.size()); };
    if (message.version() >= 11 && message.count(http::field::host) != 1) {
      return Refuse(Refusal(400, "one Host header is needed\n"));
    }
    if (message.count(http::field::authorization) > 1) {
      return Refuse(Refusal(400, "one Authorization header is enough\n"));
    }
    HttpRequest request{.path = text(message.target()),
                        .host = text(message[http::field::host]),
                        .if_none_match = text(message[http::field::if_none_match]),
                        .authorization = text(message[http::field::authorization]),
                        .certificate = certificate_,
                        .address = address_};
    request.path.resize(std::min(request.path.find('?'), request.path.size()));
    // Weak: the answer may come when the connection is gone.
    pool_->router->Handle(request, [weak = this->weak_from_this()](HttpResponse response) {
      const auto self = weak.lock();
      if (self && self->closed_ == Closed::kNo) self->Respond(std::move(response));
    });
  }

  // For a request that was not, or not wholly, read: nothing after it can be understood.
  void Refuse(HttpResponse response) {
    SetResponse(std::move(response));
    response_.keep_alive(false);
    WriteResponse();
  }

  void Respond(HttpResponse response) {
    const bool is_head = parser_->get().method() == http::verb::head;
    FleetStream* const events = response.events;
    const CallerWatch watch = std::move(response.watch);
    SetResponse(std::move(response));
    response_.keep_alive(parser_->get().keep_alive() && events == nullptr);
    if (events != nullptr)
      response_.erase(http::field::content_length);  // Ends with the connection.
    if (is_head) {
      response_.body().clear();
    } else if (events != nullptr) {
      StartEvents(*events, watch);
    }
    WriteResponse();
  }

  void SetResponse(HttpResponse from) {
    response_ = {};
    response_.version(11);
    response_.result(from.status);
    response_.set(http::field::server, "edgefeed-collector");
    response_.set(http::field::content_type, View(from.content_type));
    response_.set(http::field::cache_control, View(from.cache_control));
    response_.set("X-Content-Type-Options", "nosniff");
    response_.set("Content-Security-Policy", View(kContentSecurityPolicy));
    response_.set("Referrer-Policy", "no-referrer");
    response_.set("Cross-Origin-Resource-Policy", "same-origin");
    if (!from.etag.empty()) response_.set(http::field::etag, from.etag);
    if (from.status == 401) {
      // Browsers ask their user for the former; two lines, because not all of them split one.
      response_.insert(http::field::www_authenticate, "Basic realm=\"edgefeed\"");
      response_.insert(http::field::www_authenticate, "Bearer realm=\"edgefeed\"");
    }
    if (from.status == 405) response_.set(http::field::allow, "GET, HEAD");
    if (from.status == 503) response_.set(http::field::retry_after, "5");
    if (from.status != 304) response_.content_length(from.body.size());
    response_.body() = std::move(from.body);
  }

  void WriteResponse() {
    Tcp().expires_after(pool_->config.write_timeout);
    http::async_write(stream_, response_, Then(&StreamConnection::OnResponseWritten));
  }

  void OnResponseWritten(error_code error, std::size_t) {
    if (error) return Close();
    if (subscription_) return RunEvents();
    response_.body() = {};  // An idle connection holds no memory of its last response.
    if (!response_.keep_alive()) return Finish();
    ReadRequest();
  }

  // --- Events
  // -------------------------------------------------------------------------------------

  // The header is still being written when the first event comes: `writing_` holds it back.
  void StartEvents(FleetStream& events, const CallerWatch& watch) {
    ++stats().streams_open;
    writing_ = Writing::kYes;
    subscription_ = events.Subscribe([this] { OnUpdate(); });
    watched_ = watch([weak = this->weak_from_this()] {
      if (const auto self = weak.lock()) self->Close();
    });
  }

  void EndEvents() {
    if (!subscription_) return;
    --stats().streams_open;
    subscription_.reset();
    watched_.reset();
  }

  // Nothing more is expected of the client, but its going away shows as the end of a read.
  void RunEvents() {
    Tcp().expires_never();
    stream_.async_read_some(asio::buffer(scrap_), Then(&StreamConnection::OnReadInEvents));
    writing_ = Writing::kNo;
    WriteNextEvent();
  }

  void OnReadInEvents(error_code, std::size_t) { Close(); }

  void OnUpdate() {
    if (writing_ == Writing::kNo) return WriteNextEvent();
    if (event_) ++stats().stream_updates_skipped;
  }

  void WriteNextEvent() {
    event_ = subscription_->Next();
    if (!event_) return;
    writing_ = Writing::kYes;
    Tcp().expires_after(pool_->config.write_timeout);
    asio::async_write(stream_, asio::buffer(*event_), Then(&StreamConnection::OnEventWritten));
  }

  // What came up meanwhile waits for the next update, so that no client gets more than its share.
  void OnEventWritten(error_code error, std::size_t) {
    if (error) return Close();
    writing_ = Writing::kNo;
    event_.reset();
  }

  // --- The end
  // ------------------------------------------------------------------------------------

  void Finish() {
    Tcp().expires_after(kLinger);
    if constexpr (kIsTls) {
      stream_.async_shutdown(Then(&StreamConnection::OnTlsShutdown));
    } else {
      ShutDownSending();
    }
  }

  void OnTlsShutdown(error_code) { Close(); }

  void ShutDownSending() {
    error_code error;
    Tcp().socket().shutdown(asio::ip::tcp::socket::shutdown_send, error);
    if (error) return Close();
    Linger();
  }

  void Linger() {
    stream_.async_read_some(asio::buffer(scrap_), Then(&StreamConnection::OnLingerRead));
  }

  void OnLingerRead(error_code error, std::size_t size) {
    lingered_bytes_ += size;
    if (error || lingered_bytes_ > kMaxLingerBytes) return Close();
    Linger();
  }

  enum class Writing { kNo, kYes };

  Stream stream_;
  std::shared_ptr<ConnectionPool> pool_;
  Admission admission_;
  const std::string address_;
  std::string certificate_;  // The client's; empty: none.
  Closed closed_ = Closed::kNo;
  // Its limit: header and what was read past it.
  beast::flat_buffer buffer_{std::size_t{2} * kMaxHeaderBytes};
  std::optional<http::request_parser<http::empty_body>> parser_;
  http::response<http::string_body> response_;
  std::array<char, 512> scrap_{};
  std::size_t lingered_bytes_ = 0;

  std::unique_ptr<FleetStream::Subscription> subscription_;
  std::unique_ptr<OpenCalls::Entry> watched_;
  Writing writing_ = Writing::kNo;
  std::shared_ptr<const std::string> event_;  // The one being written.
};

template <typename Stream>
void Launch(Stream stream, const std::shared_ptr<ConnectionPool>& pool, Admission admission) {
  auto connection = std::make_shared<StreamConnection<Stream>>(std::move(stream), pool, admission);
  pool->connections.insert(connection);
  connection->Start();
}

}  // namespace

void StartConnection(asio::ip::tcp::socket socket, const std::shared_ptr<ConnectionPool>& pool,
                     Admission admission) {
  error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  beast::tcp_stream stream(std::move(socket));
  if (pool->tls) return Launch(TlsStream(std::move(stream), *pool->tls), pool, admission);
  Launch(std::move(stream), pool, admission);
}

}  // namespace edgefeed
