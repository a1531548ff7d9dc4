#include "collector/http/http_server.h"

#include <fcntl.h>

#include <algorithm>
#include <vector>

#include "collector/http/connection.h"
#include "collector/http/tls_context.h"
#include "common/runtime/tcp_acceptors.h"

namespace edgefeed {
namespace {

using boost::asio::ip::tcp;

constexpr std::chrono::milliseconds kAcceptPause{200};  // When out of file descriptors, say.

HostPolicy HostPolicyFor(const std::vector<tcp::acceptor>& acceptors) {
  const bool loopback = std::ranges::all_of(acceptors, [](const tcp::acceptor& acceptor) {
    return acceptor.local_endpoint().address().is_loopback();
  });
  return loopback ? HostPolicy::kLoopbackOnly : HostPolicy::kAny;
}

}  // namespace

// Accepts connections. Its functions run on the strand.
struct HttpServer::Impl : std::enable_shared_from_this<Impl> {
  struct Listener {
    tcp::acceptor acceptor;
    Timer pause;
  };

  explicit Impl(Strand& on) : strand(on), pool(std::make_shared<ConnectionPool>()) {}

  void AcceptNext(Listener& listener) {
    listener.acceptor.async_accept([self = shared_from_this(), &listener](
                                       boost::system::error_code error, tcp::socket socket) {
      self->OnAccept(listener, error, std::move(socket));
    });
  }

  void OnAccept(Listener& listener, boost::system::error_code error, tcp::socket socket) {
    if (!listener.acceptor.is_open()) return;
    if (!error) {
      Admit(std::move(socket));
      return AcceptNext(listener);
    }
    ++pool->router->stats().accept_errors;
    listener.pause = strand.RunAfter(kAcceptPause, [this, &listener] { AcceptNext(listener); });
  }

  void Admit(tcp::socket socket) {
    ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);  // Not for programs that we start.
    const std::size_t limit = pool->config.max_connections;
    const std::size_t open = pool->connections.size();
    // Should OpenSSL not take what was checked, what there is stays.
    static_cast<void>(RenewTls());
    if (open < limit) return StartConnection(std::move(socket), pool, Admission::kServe);
    ++pool->router->stats().connections_refused;
    if (open < limit + std::max<std::size_t>(limit / 4, 1)) {
      StartConnection(std::move(socket), pool, Admission::kRefuse);
    }
  }

  // New connections get what the files hold now. Those that are there keep theirs.
  Status RenewTls() {
    if (!pool->config.tls) return {};
    auto pem = pool->config.tls->Get();
    if (pem == tls_pem) return {};
    tls_pem = std::move(pem);
    auto fresh =
        MakeServerTls(*tls_pem, pool->config.callers.tokens ? ClientProof::kCertificateOrToken
                                                            : ClientProof::kCertificate);
    if (!fresh) return fresh.error();
    pool->tls = *std::move(fresh);
    return {};
  }

  void Stop() {
    for (Listener& listener : listeners) {
      boost::system::error_code ignored;
      listener.acceptor.close(ignored);
      listener.pause.Cancel();
    }
    const auto open = pool->connections;  // A copy: Close() takes itself out.
    for (const auto& connection : open) connection->Close();
  }

  Strand& strand;
  std::shared_ptr<ConnectionPool> pool;
  std::shared_ptr<const TlsPem> tls_pem;  // What pool->tls was made of.
  std::vector<Listener>
      listeners;  // Complete before the first accept: handlers refer to its elements.
};

Result<std::unique_ptr<HttpServer>> HttpServer::Start(Strand& strand,
                                                      const HttpServerConfig& config,
                                                      HttpSources sources) {
  auto impl = std::make_shared<Impl>(strand);
  impl->pool->config = config;
  if (const Status tls = impl->RenewTls(); !tls) return tls.error();
  auto acceptors = Listen(strand.context(), config.listen);
  if (!acceptors) return acceptors.error().Wrap("http.listen");
  impl->pool->router =
      std::make_shared<Router>(strand, config, std::move(sources), HostPolicyFor(*acceptors));
  for (auto& acceptor : *acceptors) impl->listeners.push_back({std::move(acceptor)});
  std::unique_ptr<HttpServer> server(new HttpServer(strand, impl));
  RunOn(strand, [&] {
    for (auto& listener : impl->listeners) impl->AcceptNext(listener);
  });
  return server;
}

HttpServer::HttpServer(Strand& strand, std::shared_ptr<Impl> impl)
    : strand_(strand),
      impl_(std::move(impl)),
      port_(impl_->listeners.front().acceptor.local_endpoint().port()) {}

HttpServer::~HttpServer() { Stop(); }

void HttpServer::Stop() {
  RunOn(strand_, [this] { impl_->Stop(); });
}

}  // namespace edgefeed
