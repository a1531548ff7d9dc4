#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "agent/ports.h"
#include "common/base/endpoint.h"
#include "common/base/result.h"
#include "common/model/features.h"
#include "common/model/feed_message.h"
#include "common/model/sample.h"
#include "common/model/trouble.h"

// The feed's view of the network: no gRPC types, so that its logic is tested without any.
namespace edgefeed {

// What happens on a connection; called on the core strand.
class ConnectionEvents {
 public:
  virtual ~ConnectionEvents() = default;
  // The collector answered the call, and this is what it knows beyond the original contract. An
  // original server may answer only with its first alert, or never.
  virtual void OnAnswered(const Features& features) = 0;
  // The last Send… has left; the next may go.
  virtual void OnSent() = 0;
  // The collector said something; an empty reply only shows that it is there.
  virtual void OnReply(const FeedReply& reply) = 0;
  // The connection has ended, or never came to be. The last event.
  virtual void OnClosed(const Error& why, Trouble trouble) = 0;
};

// One LiveFeed. Destroying it ends it at once, and no event follows. Core strand.
class Connection {
 public:
  virtual ~Connection() = default;
  // At most one Send… may be unanswered by OnSent().
  virtual void SendOriginal(const Sample& sample) = 0;
  // The others are only for a collector that knows batches; the hello goes first.
  virtual void SendHello(std::span<const StreamPosition> held,
                         std::chrono::milliseconds speaks_every) = 0;
  virtual void SendBatch(const SampleBatch& batch) = 0;
  virtual void SendPing() = 0;
  // All alerts of this connection up to this number have arrived: the next batch or ping says so.
  virtual void TakeAlerts(std::uint64_t number) = 0;
  // The other end is there: network and TLS are through, the call is under way.
  [[nodiscard]] virtual bool established() const = 0;
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
