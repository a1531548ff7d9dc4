#pragma once

#include <cstdint>
#include <memory>

#include "common/base/endpoint.h"
#include "common/base/result.h"
#include "common/model/alert.h"
#include "common/model/features.h"
#include "common/model/sample.h"

// The feed's view of the network: no gRPC types, so that its logic is tested without any.
namespace edgefeed {

// What happens on a connection; called on the core strand.
class ConnectionEvents {
 public:
  virtual ~ConnectionEvents() = default;
  // The collector answered the call, and this is what it knows beyond the original contract. An
  // original server may answer only with its first alert, or never.
  virtual void OnAnswered(const Features& features) = 0;
  // The last Send() or SendPing() has left; the next may go.
  virtual void OnSent() = 0;
  virtual void OnAlert(const Alert& alert) = 0;
  // The collector has every sample up to `sequence`; 0 only shows that it is there.
  virtual void OnAcknowledged(std::uint64_t sequence) = 0;
  // The connection has ended, or never came to be. The last event.
  virtual void OnClosed(const Error& why) = 0;
};

enum class Dialect { kOriginal, kFull };

// One LiveFeed. Destroying it ends it at once, and no event follows. Core strand.
class Connection {
 public:
  virtual ~Connection() = default;
  // At most one Send or SendPing may be unanswered by OnSent().
  virtual void Send(const Sample& sample, Dialect dialect) = 0;
  virtual void SendPing() = 0;
  // No more samples: the collector acknowledges what it has and closes.
  virtual void HalfClose() = 0;
};

class Transport {
 public:
  virtual ~Transport() = default;
  // Resolves the name anew. Never fails at once: failures arrive by OnClosed(). `events` must
  // outlive the connection.
  virtual std::unique_ptr<Connection> Open(const Endpoint& collector, ConnectionEvents& events) = 0;
};

}  // namespace edgefeed
