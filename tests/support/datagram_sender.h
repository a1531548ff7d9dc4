#pragma once

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "common/base/unique_fd.h"
#include "common/runtime/unix_address.h"

namespace edgefeed {

// Sends datagrams, as an application does, to a port of this host or to a socket in the file
// system.
class DatagramSender {
 public:
  explicit DatagramSender(std::uint16_t port)
      : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const sockaddr_in address{.sin_family = AF_INET,
                              .sin_port = htons(port),
                              .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    std::memcpy(&storage_, &address, sizeof address);
    size_ = sizeof address;
  }
  explicit DatagramSender(const std::filesystem::path& path)
      : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const auto address = MakeUnixAddress(path);
    REQUIRE(address);
    std::memcpy(&storage_, &address->address, address->size);
    size_ = address->size;
  }

  // False: nobody is there. Waits while a socket in the file system is full.
  bool Send(std::string_view datagram) {
    const auto sent = ::sendto(fd_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL,
                               reinterpret_cast<const sockaddr*>(&storage_), size_);
    return sent == static_cast<ssize_t>(datagram.size());
  }

 private:
  UniqueFd fd_;
  sockaddr_storage storage_{};
  socklen_t size_ = 0;
};

}  // namespace edgefeed
