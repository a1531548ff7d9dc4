#include "tests/support/faulty_proxy.h"

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/runtime/strand.h"

namespace edgefeed {
namespace {

using boost::asio::ip::tcp;
using ErrorCode = boost::system::error_code;

tcp::endpoint Loopback(std::uint16_t port) {
  return {boost::asio::ip::address_v4::loopback(), port};
}

// As when a host goes down: what is unsent is lost, and the other side gets a RST.
void Reset(tcp::socket& socket) {
  ErrorCode ignored;
  socket.set_option(boost::asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

void Close(tcp::socket& socket) {
  ErrorCode ignored;
  socket.close(ignored);
}

// Bytes from one socket to the other.
struct Direction {
  tcp::socket& from;
  tcp::socket& to;
  std::array<char, 65536> buffer{};
  std::size_t waiting = 0;          // Bytes in `buffer` that were read while frozen.
  std::optional<std::size_t> left;  // Bytes that may still pass before the connection is cut.
};

}  // namespace

// On the strand, but for the constructor and destructor.
class FaultyProxy::Network {
 public:
  explicit Network(std::uint16_t target_port)
      : target_port_(target_port), acceptor_(strand_.context(), Loopback(0)) {
    Run([this] { Accept(); });
  }

  ~Network() {
    Run([this] {
      CutAll();
      acceptor_.close();
    });
    strand_.Drain();  // Handlers of what was just closed.
  }
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  void Run(const Task& task) { RunOn(strand_, task); }

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  void SetTarget(std::uint16_t port) { target_port_ = port; }

  void CutAll() {
    for (const auto& connection : std::vector(connections_)) Cut(connection);
  }

  void SetFaults(std::function<Fault()> next) { next_fault_ = std::move(next); }

  void Freeze() { frozen_ = true; }

  void Thaw() {
    frozen_ = false;
    for (const auto& connection : std::vector(connections_)) {
      if (connection->ended) {
        Drop(connection);
      } else if (connection->connected) {
        Resume(connection, connection->up);
        Resume(connection, connection->down);
      } else {
        Connect(connection);
      }
    }
  }

  [[nodiscard]] std::size_t accepted() const { return accepted_; }
  [[nodiscard]] std::uint64_t forwarded_bytes() const { return forwarded_bytes_; }

 private:
  struct Connection {
    explicit Connection(tcp::socket socket)
        : client(std::move(socket)), server(client.get_executor()) {}
    tcp::socket client;
    tcp::socket server;
    bool connected = false;  // Or about to be.
    bool ended = false;      // By one side while frozen: the other learns it with the thaw.
    Direction up{client, server};
    Direction down{server, client};
  };
  using ConnectionPtr = std::shared_ptr<Connection>;  // Shared by the handlers that use it.

  void Accept() {
    acceptor_.async_accept([this](ErrorCode error, tcp::socket socket) {
      if (error) return;
      ++accepted_;
      connections_.push_back(std::make_shared<Connection>(std::move(socket)));
      if (next_fault_) SetFault(*connections_.back(), next_fault_());
      if (!frozen_) Connect(connections_.back());
      Accept();
    });
  }

  static void SetFault(Connection& connection, const Fault& fault) {
    const bool up = fault.direction == Fault::Direction::kToServer;
    (up ? connection.up : connection.down).left = fault.after_bytes;
  }

  void Connect(const ConnectionPtr& connection) {
    connection->connected = true;
    connection->server.async_connect(Loopback(target_port_), [this, connection](ErrorCode error) {
      if (error) return Drop(connection);
      Read(connection, connection->up);
      Read(connection, connection->down);
    });
  }

  void Read(const ConnectionPtr& connection, Direction& direction) {
    direction.from.async_read_some(
        boost::asio::buffer(direction.buffer),
        [this, connection, &direction](ErrorCode error, std::size_t bytes) {
          if (error) return Drop(connection);
          direction.waiting = bytes;
          if (!frozen_) Write(connection, direction);
        });
  }

  void Write(const ConnectionPtr& connection, Direction& direction) {
    const std::size_t read = std::exchange(direction.waiting, 0);
    const std::size_t bytes = std::min(read, direction.left.value_or(read));
    boost::asio::async_write(direction.to, boost::asio::buffer(direction.buffer, bytes),
                             [this, connection, &direction](ErrorCode error, std::size_t written) {
                               if (error) return Drop(connection);
                               forwarded_bytes_ += written;
                               if (direction.left) *direction.left -= written;
                               if (direction.left == 0U) return Cut(connection);
                               Read(connection, direction);
                             });
  }

  void Resume(const ConnectionPtr& connection, Direction& direction) {
    if (direction.waiting > 0) Write(connection, direction);
  }

  void Cut(const ConnectionPtr& connection) {
    Reset(connection->client);
    Reset(connection->server);
    std::erase(connections_, connection);
  }

  // One side has ended, or cannot be reached.
  void Drop(const ConnectionPtr& connection) {
    connection->ended = true;
    if (frozen_) return;
    Close(connection->client);
    Close(connection->server);
    std::erase(connections_, connection);
  }

  SystemClock clock_;
  Strand strand_{"faulty-proxy", clock_};
  std::uint16_t target_port_;
  tcp::acceptor acceptor_;
  bool frozen_ = false;
  std::size_t accepted_ = 0;
  std::uint64_t forwarded_bytes_ = 0;
  std::vector<ConnectionPtr> connections_;
  std::function<Fault()> next_fault_;  // Empty: connections last.
};

FaultyProxy::FaultyProxy(std::uint16_t target_port)
    : network_(std::make_unique<Network>(target_port)) {}

FaultyProxy::~FaultyProxy() = default;

std::uint16_t FaultyProxy::port() const { return network_->port(); }

void FaultyProxy::SetTarget(std::uint16_t port) {
  network_->Run([&] { network_->SetTarget(port); });
}

void FaultyProxy::Cut() {
  network_->Run([&] { network_->CutAll(); });
}

void FaultyProxy::CutEach(std::function<Fault()> next) {
  network_->Run([&] { network_->SetFaults(std::move(next)); });
}

void FaultyProxy::CutNoMore() {
  network_->Run([&] { network_->SetFaults(nullptr); });
}

void FaultyProxy::Freeze() {
  network_->Run([&] { network_->Freeze(); });
}

void FaultyProxy::Thaw() {
  network_->Run([&] { network_->Thaw(); });
}

std::size_t FaultyProxy::accepted() const {
  std::size_t accepted = 0;
  network_->Run([&] { accepted = network_->accepted(); });
  return accepted;
}

std::uint64_t FaultyProxy::forwarded_bytes() const {
  std::uint64_t bytes = 0;
  network_->Run([&] { bytes = network_->forwarded_bytes(); });
  return bytes;
}

}  // namespace edgefeed
