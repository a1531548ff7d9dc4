#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace edgefeed {

// A network between a client and a server on this host that can be made to fail: forwards TCP
// connections from a port of its own to a target on loopback. Runs on a thread of its own; each
// call returns when it has taken effect.
class FaultyProxy {
 public:
  explicit FaultyProxy(std::uint16_t target_port);
  // Ends as Cut() does.
  ~FaultyProxy();
  FaultyProxy(const FaultyProxy&) = delete;
  FaultyProxy& operator=(const FaultyProxy&) = delete;

  // Where it listens, on 127.0.0.1.
  [[nodiscard]] std::uint16_t port() const;

  // Connections made from now on go to this port.
  void SetTarget(std::uint16_t port);
  // Resets every connection, on both sides. New ones are forwarded as before.
  void Cut();
  // From now on each new connection is reset, as by Cut(), once so many bytes have passed in one
  // direction. `next` is asked for each connection, on the proxy's thread.
  struct Fault {
    enum class Direction { kToServer, kToClient };
    Direction direction = Direction::kToServer;
    std::size_t after_bytes = 0;
  };
  void CutEach(std::function<Fault()> next);
  // New connections last.
  void CutNoMore();
  // A pulled cable: connections stay open and new ones are taken, but not a byte passes.
  void Freeze();
  void Thaw();

  // Connections that clients have made since the start, forwarded or not.
  [[nodiscard]] std::size_t accepted() const;
  // Bytes passed on, in both directions.
  [[nodiscard]] std::uint64_t forwarded_bytes() const;

 private:
  class Network;
  std::unique_ptr<Network> network_;
};

}  // namespace edgefeed
