// Reads TCP_INFO (tcp(7)) of the sockets in /proc/self/fd.
//   tcpi_bytes_sent  tcpi_bytes_received  tcpi_segs_out  tcpi_segs_in  tcpi_options
// Payload bytes, with those sent again (before Linux 4.19 without: tcpi_bytes_acked), segments, and
// whether each segment carries timestamps. An older kernel's structure is shorter.
#include "agent/proc/tcp_usage.h"

#include <linux/tcp.h>  // glibc's own tcp_info ends before the byte counters.
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

#include "agent/proc/directory.h"
#include "common/base/unique_fd.h"
#include "common/model/metrics.h"

namespace edgefeed {
namespace {

constexpr std::uint64_t kIpv4HeaderBytes = 20;
constexpr std::uint64_t kIpv6HeaderBytes = 40;
constexpr std::uint64_t kTcpHeaderBytes = 20;
constexpr std::uint64_t kTimestampsBytes = 12;

struct Info {
  tcp_info tcp{};
  socklen_t size = 0;

  [[nodiscard]] bool Has(std::size_t offset, std::size_t field_size) const {
    return size >= offset + field_size;
  }
};

std::optional<Info> ReadInfo(int fd) {
  Info info{.size = sizeof(tcp_info)};
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info.tcp, &info.size) != 0) return std::nullopt;
  // The last of the fields that there is no doing without.
  if (!info.Has(offsetof(tcp_info, tcpi_segs_in), sizeof info.tcp.tcpi_segs_in)) {
    return std::nullopt;
  }
  return info;
}

// An IPv6 socket may well talk IPv4.
std::uint64_t IpHeaderBytes(int fd) {
  sockaddr_in6 address{};
  socklen_t size = sizeof address;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return kIpv4HeaderBytes;
  const bool ipv6 =
      address.sin6_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&address.sin6_addr) == 0;
  return ipv6 ? kIpv6HeaderBytes : kIpv4HeaderBytes;
}

class TcpUsageSource final : public Source {
 public:
  explicit TcpUsageSource(Directory descriptors) : descriptors_(std::move(descriptors)) {}

  Status Read(MachineState& state) override {
    std::map<std::uint64_t, TcpUsage> open;
    Status read = descriptors_.ForEachNumber([&](unsigned fd) {
      const auto usage = ReadTcpUsage(static_cast<int>(fd));
      if (usage && open.emplace(usage->socket, *usage).second) Count(*usage);
    });
    if (!read) return read;
    open_ = std::move(open);
    state.Add(metrics::kAgentNetworkReceiveBytes, static_cast<double>(received_bytes_));
    state.Add(metrics::kAgentNetworkTransmitBytes, static_cast<double>(sent_bytes_));
    return {};
  }

 private:
  void Count(const TcpUsage& now) {
    const auto known = open_.find(now.socket);
    const TcpUsage before = known == open_.end() ? TcpUsage{} : known->second;
    sent_bytes_ += std::max(now.sent_bytes, before.sent_bytes) - before.sent_bytes;
    received_bytes_ += std::max(now.received_bytes, before.received_bytes) - before.received_bytes;
  }

  Directory descriptors_;
  std::map<std::uint64_t, TcpUsage> open_;  // By socket, at the last reading.
  std::uint64_t sent_bytes_ = 0;            // Of all sockets there were.
  std::uint64_t received_bytes_ = 0;
};

}  // namespace

std::optional<TcpUsage> ReadTcpUsage(int fd) {
  const auto info = ReadInfo(fd);
  struct stat file{};
  if (!info || ::fstat(fd, &file) != 0) return std::nullopt;
  const tcp_info& tcp = info->tcp;
  const bool counts_resent =
      info->Has(offsetof(tcp_info, tcpi_bytes_sent), sizeof tcp.tcpi_bytes_sent);
  const bool timestamps = (tcp.tcpi_options & TCPI_OPT_TIMESTAMPS) != 0;
  const std::uint64_t header_bytes =
      IpHeaderBytes(fd) + kTcpHeaderBytes + (timestamps ? kTimestampsBytes : 0);
  return TcpUsage{.socket = file.st_ino,
                  .sent_bytes = (counts_resent ? tcp.tcpi_bytes_sent : tcp.tcpi_bytes_acked) +
                                header_bytes * tcp.tcpi_segs_out,
                  .received_bytes = tcp.tcpi_bytes_received + header_bytes * tcp.tcpi_segs_in};
}

SourceResult OpenTcpUsage(const KernelRoots& roots) {
  const UniqueFd trial(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!trial.valid() || !ReadTcpUsage(trial.get())) {
    return Error{Code::kNotFound, "TCP_INFO: no counters in this kernel"};
  }
  auto descriptors = Directory::Open(roots.proc / "self/fd");
  if (!descriptors) return descriptors.error();
  return std::unique_ptr<Source>(std::make_unique<TcpUsageSource>(*std::move(descriptors)));
}

}  // namespace edgefeed
