#include "agent/statsd/statsd.h"

#include <spdlog/spdlog.h>

#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

namespace edgefeed {

void Statsd::Accept(Sample sample) {
  aggregator_.AddTo(sample.readings, strand_.Now());
  next_.Accept(std::move(sample));
}

void Statsd::Serve(const StatsdConfig& config) {
  const StatsdConfig before = std::exchange(config_, config);
  aggregator_.SetLimits(config);
  errors_.clear();
  if (config.listen != before.listen || !port_) {
    Close(port_);
    if (config.listen) OpenPort();
  }
  if (config.socket != before.socket || !file_) {
    Close(file_);
    if (!config.socket.empty()) OpenFile();
  }
  used_ = used_ || config.listen || !config.socket.empty();
}

void Statsd::OpenPort() {
  port_ = Opened(DatagramSocket::OpenUdp(strand_, *config_.listen, Taker()), "statsd.listen");
  if (port_) spdlog::info("statsd on {}", ToString({config_.listen->host, port_->port()}));
}

void Statsd::OpenFile() {
  std::error_code told_by_open;
  std::filesystem::create_directories(config_.socket.parent_path(), told_by_open);
  file_ = Opened(DatagramSocket::OpenUnix(strand_, config_.socket, Taker()), "statsd.socket");
  if (file_) spdlog::info("statsd on {}", config_.socket.string());
}

std::unique_ptr<DatagramSocket> Statsd::Opened(Result<std::unique_ptr<DatagramSocket>> socket,
                                               std::string_view key) {
  if (socket) return *std::move(socket);
  const std::string& error =
      errors_.emplace_back(socket.error().message + " (" + std::string(key) + ")");
  spdlog::warn("applications cannot send: {}", error);
  return nullptr;
}

void Statsd::Close(std::unique_ptr<DatagramSocket>& socket) {
  if (!socket) return;
  lost_ += socket->lost();
  socket.reset();
}

DatagramSocket::OnDatagram Statsd::Taker() {
  return [this](const DatagramSocket::Datagram& datagram) {
    const std::string_view bytes = datagram.bytes;
    if (datagram.cut == 0) return aggregator_.Take(bytes, strand_.Now());
    const auto end = bytes.rfind('\n');
    const std::size_t whole = end == std::string_view::npos ? 0 : end + 1;
    aggregator_.Take(bytes.substr(0, whole), strand_.Now());
    aggregator_.TakeCut(bytes.substr(whole));
  };
}

StatsdCounts Statsd::counts() const {
  StatsdCounts counts{.used = used_, .errors = errors_};
  if (port_) counts.lost_datagrams += port_->lost();
  if (file_) counts.lost_datagrams += file_->lost();
  counts.lost_datagrams += lost_;
  aggregator_.Describe(counts);
  return counts;
}

}  // namespace edgefeed
