#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bench/readers/readers.h"
#include "bench/support/epoll.h"
#include "bench/support/pacer.h"
#include "common/base/unique_fd.h"

namespace edgefeed::bench {

// Each reader GETs the path once per interval, on an HTTP/1.1 connection that it keeps.
class HttpPollers final : public Readers {
 public:
  // `options` must outlive the readers; its target is an IPv4 address and port.
  static Result<std::unique_ptr<HttpPollers>> Create(const ReadersOptions& options);

  Status Connect(std::chrono::milliseconds limit) override;
  void Run(std::chrono::milliseconds duration) override;
  [[nodiscard]] const ReadTotals& totals() const override { return totals_; }

 private:
  struct Connection {
    UniqueFd socket;
    std::string response;  // What has arrived of it.
    bool waiting = false;
    bool answered = false;
  };

  HttpPollers(const ReadersOptions& options, Epoll epoll);
  Status Open();
  void Poll(Connection& connection);
  void Receive(int fd);
  void Settle(Connection& connection, std::string_view error);

  const ReadersOptions& options_;
  const std::string request_;
  Epoll epoll_;
  ReadTotals totals_;
  std::optional<Pacer> pacer_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::unordered_map<int, Connection*> by_fd_;
};

}  // namespace edgefeed::bench
