#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "agent/feed/transport.h"
#include "common/model/device.h"
#include "common/model/series.h"
#include "common/model/shared_tls.h"

namespace edgefeed {

class Strand;

// LiveFeeds over gRPC. Each connection has a channel of its own, so that the name is resolved anew
// and gRPC's own reconnecting stays out of the way. On the core strand.
class GrpcTransport final : public Transport {
 public:
  struct Identity {
    std::string device_name;
    DeviceInfo info;
  };
  // An original server tolerates a ping in 5 minutes.
  static constexpr std::chrono::milliseconds kKeepalive{330'000};

  // `strand` and `series` must outlive the transport. Each connection uses what `tls` holds when it
  // is opened; null: plaintext. `keepalive`: how long a connection is silent before gRPC itself
  // asks whether it is alive.
  GrpcTransport(Strand& strand, Identity identity, const SeriesTable& series,
                std::shared_ptr<const SharedTls> tls, std::chrono::milliseconds keepalive);
  ~GrpcTransport() override;
  GrpcTransport(const GrpcTransport&) = delete;
  GrpcTransport& operator=(const GrpcTransport&) = delete;

  std::unique_ptr<Connection> Open(const Endpoint& collector, ConnectionEvents& events) override;

  // What the device says of itself from now on, also on a connection that is open.
  void SetInfo(DeviceInfo info);

  // Calls `done` when gRPC has let go of every connection; only then may the transport go.
  // Precondition: all connections have been destroyed.
  void WhenIdle(std::function<void()> done);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace edgefeed
