#include "common/runtime/answer_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/unique_fd.h"
#include "common/runtime/stale_socket.h"
#include "common/runtime/strand.h"
#include "common/runtime/unix_address.h"

namespace edgefeed {
namespace asio = boost::asio;
using asio::posix::stream_descriptor;
namespace {

constexpr int kWaiting = 16;  // Who has connected and is not served yet; the kernel holds them.
constexpr mode_t kAnswerSocketMode = 0660;
constexpr std::chrono::milliseconds kRetryAfter{1000};

struct Client {
  Client(asio::io_context& context, int fd) : socket(context, fd) {}

  stream_descriptor socket;
  std::string answer;
  std::size_t sent = 0;
  Timer deadline;
  bool has_ended = false;
};
using ClientPtr = std::shared_ptr<Client>;  // Shared with the handler that waits.

// One that is bound to `path` and listens. Never open to more than it should be, not for a moment.
Result<UniqueFd> Listen(const std::string& path, const UnixAddress& address) {
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return ErrnoError(path, errno);
  if (::fchmod(fd.get(), kAnswerSocketMode) != 0 ||
      ::bind(fd.get(), address.get(), address.size) != 0 ||
      ::chmod(path.c_str(), kAnswerSocketMode) != 0 || ::listen(fd.get(), kWaiting) != 0) {
    return ErrnoError(path, errno);
  }
  return fd;
}

}  // namespace

// Shared with the handlers that wait.
struct AnswerSocket::Impl : std::enable_shared_from_this<Impl> {
  Impl(Strand& on, std::string at, Answer teller, UniqueFd fd)
      : strand(on),
        path(std::move(at)),
        answer(std::move(teller)),
        listener(on.context(), fd.Release()) {}

  // Somebody wants to connect; or a client can take more.
  struct Ready {
    std::shared_ptr<Impl> self;
    ClientPtr client;  // Null: it is about the listener.

    void operator()(const boost::system::error_code& error) const {
      if (error || self->stopped) return;
      if (client == nullptr) return self->Accept();
      if (!client->has_ended) self->Send(client);
    }
  };

  void Wait() {
    listener.async_wait(stream_descriptor::wait_read, Ready{shared_from_this(), nullptr});
  }

  // One at a time: others who use the strand have their turn between two.
  void Accept() {
    const int fd =
        ::accept4(listener.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
      if (errno == EAGAIN || errno == ECONNABORTED) return Wait();
      retry = strand.RunAfter(kRetryAfter, [this] { Wait(); });  // No descriptors are left.
      return;
    }
    const auto client = clients.emplace_back(std::make_shared<Client>(strand.context(), fd));
    client->answer = answer();
    client->deadline = strand.RunAfter(kPatience, [this, ending = client.get()] { End(ending); });
    if (clients.size() < kMostClients) Wait();
    Send(client);
  }

  void Send(const ClientPtr& client) {
    const std::string_view rest = std::string_view(client->answer).substr(client->sent);
    const auto sent =
        ::send(client->socket.native_handle(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return End(client.get());
    client->sent += static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
    if (client->sent == client->answer.size()) return End(client.get());
    client->socket.async_wait(stream_descriptor::wait_write, Ready{shared_from_this(), client});
  }

  void End(Client* client) {
    client->has_ended = true;
    client->deadline.Cancel();
    boost::system::error_code ignored;
    client->socket.close(ignored);
    const bool was_full = clients.size() == kMostClients;
    std::erase_if(clients, [client](const ClientPtr& each) { return each.get() == client; });
    if (was_full) Wait();
  }

  void Stop() {
    stopped = true;
    retry.Cancel();
    while (!clients.empty()) End(clients.back().get());
    boost::system::error_code ignored;
    listener.close(ignored);
    ::unlink(path.c_str());
  }

  Strand& strand;
  const std::string path;
  const Answer answer;
  stream_descriptor listener;
  std::vector<ClientPtr> clients;
  Timer retry;
  bool stopped = false;
};

Result<std::unique_ptr<AnswerSocket>> AnswerSocket::Open(Strand& strand,
                                                         const std::filesystem::path& path,
                                                         Answer answer) {
  const auto address = MakeUnixAddress(path);
  if (!address) return address.error();
  if (const Status removed = RemoveStaleSocket(path, *address, SOCK_STREAM); !removed)
    return removed.error();
  auto fd = Listen(path, *address);
  if (!fd) return fd.error();
  auto impl = std::make_shared<Impl>(strand, path, std::move(answer), *std::move(fd));
  impl->Wait();
  return std::unique_ptr<AnswerSocket>(new AnswerSocket(std::move(impl)));
}

AnswerSocket::AnswerSocket(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

AnswerSocket::~AnswerSocket() { impl_->Stop(); }

}  // namespace edgefeed
