#pragma once

#include <cstdint>
#include <optional>

#include "agent/proc/kernel_roots.h"
#include "agent/proc/source.h"

namespace edgefeed {

// What a TCP socket has put on the link and taken off it since it was opened, with the headers of
// TCP and IP and what was sent again.
struct TcpUsage {
  std::uint64_t socket = 0;  // Its inode: a descriptor that is used again is another socket.
  std::uint64_t sent_bytes = 0;
  std::uint64_t received_bytes = 0;
};
// Nothing when the descriptor is no TCP socket, or the kernel does not count for it.
std::optional<TcpUsage> ReadTcpUsage(int fd);

// What the agent's own connections cost: TCP_INFO of the sockets in /proc/self/fd. NOT_FOUND before
// Linux 4.2, which does not count.
SourceResult OpenTcpUsage(const KernelRoots& roots);

}  // namespace edgefeed
