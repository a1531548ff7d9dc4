#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "agent/feed/transport.h"
#include "agent/ports.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

struct DeliveryConfig {
  std::size_t batch_samples = 60;  // The most that one message carries.
  // Backlog samples a second at most, so that they leave room for everything else; 0: no limit.
  std::uint32_t drain_rate = 0;
  // What the hello promises: a message at the latest this long after the collector's last one.
  std::chrono::milliseconds speaks_every{15000};
  // Live samples go together, this often; 0: each at once.
  std::chrono::milliseconds batch_interval{0};
};

enum class Dialect { kOriginal, kBatches };

// What goes over one connection after the other, and in which order: the hello, live samples as
// they come, and beside them the backlog once the collector has said what it has of it. To an
// original collector one sample after the other, oldest first; what has left counts as delivered.
// On the core strand.
class Delivery {
 public:
  // All must outlive it.
  Delivery(const DeliveryConfig& config, Scheduler& scheduler, SampleQueue& queue,
           SampleClock& clock);

  // From now on `connection` carries what there is, until End(). May be called again for the same
  // connection when its collector shows late that it knows batches.
  void Begin(Connection& connection, Dialect dialect);
  void End();

  // Something may have become possible: a sample has arrived.
  void Wake() { Pump(); }
  // Live samples wait for no batch any more, and the backlog is left where it is.
  void Finish();
  // Sends nothing any more over this connection: what waits is for the next one.
  void Hold() { holding_ = true; }
  // Everything that Finish() still wanted to send has left; after Hold(): what was on its
  // way has.
  [[nodiscard]] bool finished() const;

  void OnSent();
  // The acknowledging part of a reply.
  void OnReply(const FeedReply& reply);
  void Ping();

  // The collector has taken something on this connection.
  [[nodiscard]] bool acknowledged() const { return acknowledged_; }
  // A message is on its way.
  [[nodiscard]] bool sending() const { return sending_; }
  // Since when samples are on their way without any of them being acknowledged; empty: none are.
  [[nodiscard]] std::optional<SteadyTime> waiting_since() const { return waiting_since_; }

 private:
  void Pump();
  void PumpOriginal();
  bool PumpLive();
  void GatherBatch();
  void PumpBacklog();
  bool Send(SampleBatch batch);
  void LearnTime(const FeedReply& reply);
  void FetchBacklog();
  void NoteProgress();

  const DeliveryConfig config_;
  Scheduler& scheduler_;
  SampleQueue& queue_;
  SampleClock& clock_;

  Connection* connection_ = nullptr;  // Null: nothing can be sent.
  Dialect dialect_ = Dialect::kOriginal;
  bool sending_ = false;
  bool finishing_ = false;
  bool holding_ = false;
  std::vector<StreamPosition> hello_;
  bool hello_due_ = false;
  SteadyTime hello_sent_;
  bool welcomed_ = false;  // The collector has said what it has.
  bool ping_due_ = false;
  bool acknowledged_ = false;
  std::optional<SteadyTime> waiting_since_;

  // Taken and not sent yet.
  SampleBatch live_;
  SampleBatch backlog_;
  bool fetching_ = false;
  SteadyTime next_backlog_;
  Timer drain_timer_;

  bool batch_waits_ = false;
  Timer batch_timer_;

  std::deque<Sample> originals_;     // Fetched for an original collector and not sent yet.
  StreamPosition sending_position_;  // Of the original sample under way.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // For answers that come too late.
};

}  // namespace edgefeed
