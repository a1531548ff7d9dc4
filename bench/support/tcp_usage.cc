#include "bench/support/tcp_usage.h"

#include <linux/tcp.h>  // glibc's own tcp_info ends before the byte counters.
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

namespace edgefeed::bench {

TcpUsage operator-(const TcpUsage& a, const TcpUsage& b) {
  return {.bytes_sent = a.bytes_sent - b.bytes_sent,
          .bytes_received = a.bytes_received - b.bytes_received,
          .segments_sent = a.segments_sent - b.segments_sent,
          .segments_received = a.segments_received - b.segments_received};
}

TcpUsage OpenSocketsUsage() {
  rlimit descriptors{};
  getrlimit(RLIMIT_NOFILE, &descriptors);
  TcpUsage usage;
  for (rlim_t fd = 0; fd < descriptors.rlim_cur; ++fd) {
    tcp_info info{};
    socklen_t size = sizeof info;
    if (getsockopt(static_cast<int>(fd), IPPROTO_TCP, TCP_INFO, &info, &size) != 0) continue;
    usage.bytes_sent += info.tcpi_bytes_sent;
    usage.bytes_received += info.tcpi_bytes_received;
    usage.segments_sent += info.tcpi_segs_out;
    usage.segments_received += info.tcpi_segs_in;
  }
  return usage;
}

}  // namespace edgefeed::bench
