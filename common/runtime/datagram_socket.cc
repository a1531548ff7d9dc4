#include "common/runtime/datagram_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "common/base/unique_fd.h"
#include "common/runtime/stale_socket.h"
#include "common/runtime/strand.h"
#include "common/runtime/unix_address.h"

namespace edgefeed {
using boost::asio::posix::stream_descriptor;
namespace {

// As UDP on loopback: who may run programs here may send.
constexpr mode_t kDatagramSocketMode = 0666;
constexpr std::size_t kBatch = 16;  // Datagrams between two turns of others who use the strand.
// What a flood may take of the strand, whatever the machine's speed.
constexpr std::chrono::milliseconds kWindow{100};
constexpr std::chrono::milliseconds kWindowShare{5};
// What waits in the kernel while the strand does something else; it gives less where
// net.core.rmem_max says so.
constexpr int kKernelBytes = 256 << 10;
constexpr std::size_t kControlBytes = 64;

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

Result<Address> AddressOf(const Endpoint& endpoint) {
  const std::string host = endpoint.host == "localhost" ? "127.0.0.1" : endpoint.host;
  Address address;
  sockaddr_in v4{.sin_family = AF_INET, .sin_port = htons(endpoint.port)};
  sockaddr_in6 v6{.sin6_family = AF_INET6, .sin6_port = htons(endpoint.port)};
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    address.size = sizeof v4;
    std::memcpy(&address.storage, &v4, sizeof v4);
  } else if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
    address.size = sizeof v6;
    std::memcpy(&address.storage, &v6, sizeof v6);
  } else {
    return Error{Code::kInvalidArgument, host + ": is no address"};
  }
  return address;
}

std::uint16_t PortOf(int fd) {
  Address address{.size = sizeof(sockaddr_storage)};
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address.storage), &address.size) != 0) {
    return 0;
  }
  sockaddr_in v4{};  // The port is in the same place of both.
  std::memcpy(&v4, &address.storage, sizeof v4);
  return ntohs(v4.sin_port);
}

void PrepareToReceive(int fd) {
  const int yes = 1;
  // Where it cannot be had the socket works all the same.
  static_cast<void>(::setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &yes, sizeof yes));
  static_cast<void>(::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kKernelBytes, sizeof kKernelBytes));
}

// How many datagrams the kernel has thrown away before this one, modulo 2^32.
std::optional<std::uint32_t> LostBefore(msghdr& message) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SO_RXQ_OVFL) continue;
    std::uint32_t lost = 0;
    std::memcpy(&lost, CMSG_DATA(part), sizeof lost);
    return lost;
  }
  return std::nullopt;
}

// Room for some datagrams, and what the kernel tells of them.
class Batch {
 public:
  Batch() {
    for (std::size_t i = 0; i < kBatch; ++i) {
      parts_.at(i) = {.iov_base = bytes_.at(i).data(), .iov_len = bytes_.at(i).size()};
      messages_.at(i).msg_hdr.msg_iov = &parts_.at(i);
      messages_.at(i).msg_hdr.msg_iovlen = 1;
    }
  }

  // How many came; 0: none is there.
  std::size_t Receive(int fd) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      messages_.at(i).msg_hdr.msg_control = controls_.at(i).data();
      messages_.at(i).msg_hdr.msg_controllen = controls_.at(i).size();
    }
    // With MSG_TRUNC a length is the datagram's own.
    const int count = ::recvmmsg(fd, messages_.data(), kBatch, MSG_DONTWAIT | MSG_TRUNC, nullptr);
    return static_cast<std::size_t>(std::max(count, 0));
  }

  [[nodiscard]] DatagramSocket::Datagram at(std::size_t i) const {
    const std::size_t size = messages_.at(i).msg_len;
    const std::size_t here = std::min(size, DatagramSocket::kMostBytes);
    return {.bytes = {bytes_.at(i).data(), here}, .cut = size - here};
  }
  [[nodiscard]] msghdr& header(std::size_t i) { return messages_.at(i).msg_hdr; }

 private:
  struct Control {
    alignas(cmsghdr) std::array<char, kControlBytes> bytes;
    char* data() { return bytes.data(); }
    [[nodiscard]] static std::size_t size() { return kControlBytes; }
  };

  std::array<std::array<char, DatagramSocket::kMostBytes>, kBatch> bytes_{};
  std::array<iovec, kBatch> parts_{};
  std::array<Control, kBatch> controls_{};
  std::array<mmsghdr, kBatch> messages_{};
};

}  // namespace

// Shared with the handler that waits.
struct DatagramSocket::Impl : std::enable_shared_from_this<Impl> {
  Impl(Strand& on, UniqueFd fd, OnDatagram taker)
      : strand(on), on_datagram(std::move(taker)), socket(on.context(), fd.Release()) {}

  void Wait() {
    socket.async_wait(stream_descriptor::wait_read,
                      [self = shared_from_this()](const boost::system::error_code& error) {
                        if (!error && !self->stopped) self->Take();
                      });
  }

  void Take() {
    const SteadyTime begin = strand.Now();
    if (begin - window >= kWindow) {
      window = begin;
      spent = {};
    }
    const std::size_t count = batch.Receive(socket.native_handle());
    for (std::size_t i = 0; i < count; ++i) {
      if (const auto told = LostBefore(batch.header(i))) {
        lost += *told - std::exchange(last_told, *told);  // Unsigned: also when it starts again.
      }
      on_datagram(batch.at(i));
    }
    spent += strand.Now() - begin;
    if (spent < kWindowShare) return Wait();
    pause = strand.RunAt(window + kWindow, [this] { Wait(); });
  }

  void Stop() {
    stopped = true;
    pause.Cancel();
    boost::system::error_code ignored;
    socket.close(ignored);
    if (!path.empty()) ::unlink(path.c_str());
  }

  Strand& strand;
  const OnDatagram on_datagram;
  stream_descriptor socket;
  std::string path;  // Empty: it is no file.
  Batch batch;
  SteadyTime window;
  SteadyTime::duration spent{};
  Timer pause;
  std::uint64_t lost = 0;
  std::uint32_t last_told = 0;
  bool stopped = false;
};

Result<std::unique_ptr<DatagramSocket>> DatagramSocket::OpenUdp(Strand& strand,
                                                                const Endpoint& endpoint,
                                                                OnDatagram on_datagram) {
  const auto address = AddressOf(endpoint);
  if (!address) return address.error();
  UniqueFd fd(::socket(address->storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid() ||
      ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address->storage), address->size) != 0) {
    return ErrnoError(ToString(endpoint), errno);
  }
  PrepareToReceive(fd.get());
  auto impl = std::make_shared<Impl>(strand, std::move(fd), std::move(on_datagram));
  impl->Wait();
  return std::unique_ptr<DatagramSocket>(new DatagramSocket(std::move(impl)));
}

Result<std::unique_ptr<DatagramSocket>> DatagramSocket::OpenUnix(Strand& strand,
                                                                 const std::filesystem::path& path,
                                                                 OnDatagram on_datagram) {
  const auto address = MakeUnixAddress(path);
  if (!address) return address.error();
  const std::string& name = path.native();
  if (const Status removed = RemoveStaleSocket(name, *address, SOCK_DGRAM); !removed) {
    return removed.error();
  }
  UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid() || ::bind(fd.get(), address->get(), address->size) != 0 ||
      ::chmod(name.c_str(), kDatagramSocketMode) != 0) {
    return ErrnoError(name, errno);
  }
  PrepareToReceive(fd.get());
  auto impl = std::make_shared<Impl>(strand, std::move(fd), std::move(on_datagram));
  impl->path = name;
  impl->Wait();
  return std::unique_ptr<DatagramSocket>(new DatagramSocket(std::move(impl)));
}

DatagramSocket::DatagramSocket(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

DatagramSocket::~DatagramSocket() { impl_->Stop(); }

std::uint16_t DatagramSocket::port() const { return PortOf(impl_->socket.native_handle()); }

std::uint64_t DatagramSocket::lost() const { return impl_->lost; }

}  // namespace edgefeed
