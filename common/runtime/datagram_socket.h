#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "common/base/endpoint.h"
#include "common/base/result.h"

namespace edgefeed {

class Strand;

// Takes what anybody sends to a port of this host, or to a socket in the file system, and answers
// nothing. Everything on the strand, of which it takes at most a twentieth: a flood waits in the
// kernel, which throws away what it has no room for (UDP) or holds the sender up (in the file
// system).
class DatagramSocket {
 public:
  // A longer datagram is handed over without its end.
  static constexpr std::size_t kMostBytes = 8192;

  struct Datagram {
    std::string_view bytes;  // Valid during the call.
    std::size_t cut = 0;     // How many bytes its end had.
  };
  using OnDatagram = std::function<void(const Datagram&)>;

  // UDP. `endpoint` has an address, or localhost, which is 127.0.0.1; port 0: one that is free.
  // `strand` and what `on_datagram` uses must outlive the socket, which the callback must not
  // destroy.
  static Result<std::unique_ptr<DatagramSocket>> OpenUdp(Strand& strand, const Endpoint& endpoint,
                                                         OnDatagram on_datagram);
  // A socket that every user of this host may send to, as far as the folders allow. One that nobody
  // serves any more is replaced; ALREADY_EXISTS when another process does, or when it is no socket.
  static Result<std::unique_ptr<DatagramSocket>> OpenUnix(Strand& strand,
                                                          const std::filesystem::path& path,
                                                          OnDatagram on_datagram);
  // Removes the file.
  ~DatagramSocket();
  DatagramSocket(const DatagramSocket&) = delete;
  DatagramSocket& operator=(const DatagramSocket&) = delete;

  // Of UDP: the port that it has.
  [[nodiscard]] std::uint16_t port() const;
  // Datagrams that the kernel had no room for (SO_RXQ_OVFL), as it told with the last that came.
  [[nodiscard]] std::uint64_t lost() const;

 private:
  struct Impl;
  explicit DatagramSocket(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace edgefeed
