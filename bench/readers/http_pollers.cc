#include "bench/readers/http_pollers.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "bench/support/tcp_socket.h"
#include "common/base/text.h"

namespace edgefeed::bench {
namespace {

enum class Answer { kIncomplete, kOk, kBad };

// HTTP/1.1 200 OK
// Content-Length: 112
//
// {…}
Answer Judge(std::string_view response) {
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  const auto head_end = response.find("\r\n\r\n");
  if (head_end == std::string_view::npos) return Answer::kIncomplete;
  const auto head = response.substr(0, head_end + 2);
  const auto length_at = head.find(kLength);
  if (!head.starts_with("HTTP/1.1 200 ") || length_at == std::string_view::npos) {
    return Answer::kBad;
  }
  auto rest = head.substr(length_at + kLength.size());
  const auto length = ParseNumber<std::size_t>(NextField(rest).value_or(""));
  if (!length) return Answer::kBad;
  const auto size = head_end + 4 + *length;
  if (response.size() < size) return Answer::kIncomplete;
  return response.size() == size ? Answer::kOk : Answer::kBad;
}

}  // namespace

Result<std::unique_ptr<HttpPollers>> HttpPollers::Create(const ReadersOptions& options) {
  auto epoll = Epoll::Create();
  if (!epoll) return epoll.error();
  std::unique_ptr<HttpPollers> pollers(new HttpPollers(options, *std::move(epoll)));
  if (auto status = pollers->Open(); !status) return status.error();
  return pollers;
}

HttpPollers::HttpPollers(const ReadersOptions& options, Epoll epoll)
    : options_(options),
      request_("GET " + options.path + " HTTP/1.1\r\nHost: " + options.target +
               "\r\nAccept: application/json\r\n\r\n"),
      epoll_(std::move(epoll)) {}

Status HttpPollers::Open() {
  const auto endpoint = ParseEndpoint(options_.target);
  if (!endpoint) return endpoint.error();
  for (std::size_t i = 0; i < options_.readers; ++i) {
    auto socket = ConnectTcp(*endpoint);
    if (!socket) return socket.error();
    if (auto status = epoll_.Watch(socket->get()); !status) return status;
    auto& connection = connections_.emplace_back(std::make_unique<Connection>());
    connection->socket = *std::move(socket);
    by_fd_[connection->socket.get()] = connection.get();
  }
  return {};
}

Status HttpPollers::Connect(std::chrono::milliseconds limit) {
  const SystemClock clock;
  const auto end = clock.Steady() + limit;
  for (const auto& connection : connections_) Poll(*connection);
  while (totals_.connected + totals_.refused < connections_.size()) {
    const auto now = clock.Steady();
    if (now >= end) {
      return Error{Code::kDeadlineExceeded,
                   "only " + std::to_string(totals_.connected) + " pollers have an answer"};
    }
    epoll_.Wait(end - now, [this](int fd) { Receive(fd); });
  }
  return {};
}

void HttpPollers::Run(std::chrono::milliseconds duration) {
  const SystemClock clock;
  auto now = clock.Steady();
  const auto end = now + duration;
  if (!pacer_) pacer_.emplace(connections_.size(), options_.interval, now);
  for (; now < end; now = clock.Steady()) {
    while (pacer_->due() <= now) Poll(*connections_[pacer_->Take()]);
    const auto wake = std::min(pacer_->due(), end);
    epoll_.Wait(std::max(wake - now, SteadyTime::duration::zero()),
                [this](int fd) { Receive(fd); });
  }
}

void HttpPollers::Poll(Connection& connection) {
  if (!connection.socket.valid()) return;
  if (connection.waiting) {
    ++totals_.errors["late"];  // The last answer took more than an interval.
    return;
  }
  connection.waiting = true;
  const auto sent = send(connection.socket.get(), request_.data(), request_.size(), MSG_NOSIGNAL);
  if (sent != static_cast<ssize_t>(request_.size())) Settle(connection, "send failed");
}

void HttpPollers::Receive(int fd) {
  auto& connection = *by_fd_.at(fd);
  std::array<char, 16384> buffer{};
  const auto received = recv(fd, buffer.data(), buffer.size(), 0);
  if (received < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (received <= 0) return Settle(connection, "connection lost");
  connection.response.append(buffer.data(), static_cast<std::size_t>(received));
  switch (Judge(connection.response)) {
    case Answer::kIncomplete: return;
    case Answer::kOk: return Settle(connection, "");
    case Answer::kBad: return Settle(connection, "bad response");
  }
}

void HttpPollers::Settle(Connection& connection, std::string_view error) {
  const bool first = !std::exchange(connection.answered, true);
  connection.waiting = false;
  connection.response.clear();
  if (error.empty()) {
    ++totals_.updates;
    if (first) ++totals_.connected;
    return;
  }
  ++totals_.errors[std::string(error)];
  if (first) ++totals_.refused;
  connection.socket.Reset();
}

}  // namespace edgefeed::bench
