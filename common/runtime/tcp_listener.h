#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/base/endpoint.h"
#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace edgefeed {

class Strand;

// Somebody who has connected.
struct TcpPeer {
  UniqueFd socket;     // Non-blocking.
  std::string source;  // An IPv4 address, or the /64 of an IPv6 one: what one host has to itself.
};

// Listens on every address that an endpoint stands for, and hands over who connects, on the strand.
class TcpListener {
 public:
  // How long the next ones are to wait in the kernel, whose queue is bounded.
  using OnPeer = std::function<std::chrono::milliseconds(TcpPeer)>;

  // The error names the address and what is wrong. `strand` must outlive the listener.
  static Result<std::unique_ptr<TcpListener>> Start(Strand& strand, const Endpoint& listen,
                                                    OnPeer on_peer);
  // Nobody is handed over afterwards. Not from the strand.
  ~TcpListener();
  TcpListener(const TcpListener&) = delete;
  TcpListener& operator=(const TcpListener&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  struct Impl;
  TcpListener(Strand& strand, std::shared_ptr<Impl> impl);
  Strand& strand_;
  std::shared_ptr<Impl> impl_;
  std::uint16_t port_;
};

}  // namespace edgefeed
