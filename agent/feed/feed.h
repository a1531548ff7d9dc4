#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/feed/delivery.h"
#include "agent/feed/transport.h"
#include "agent/ports.h"
#include "common/base/backoff.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// The feed at one moment, for people who ask why nothing arrives.
struct FeedStatus {
  struct Failure {
    Trouble trouble = Trouble::kTcp;
    Error why;
  };
  bool connected = false;
  Endpoint collector;                      // Of the current or the last connection.
  SteadyTime since;                        // When it got connected; or since when it is not.
  std::uint64_t attempts = 0;              // To connect, since then; none when it is connected.
  std::optional<Failure> last_failure;     // Nothing: no attempt has failed since then.
  std::optional<SteadyTime> next_attempt;  // Nothing: one is under way.
};

struct FeedConfig {
  std::vector<Endpoint> collectors;  // Tried in turn. Not empty.
  BackoffConfig backoff;
  std::uint64_t backoff_seed = 0;
  DeliveryConfig delivery;
  // A connection that was healthy this long resets the backoff.
  std::chrono::milliseconds healthy_after{60000};
  // How long a new call may take to be answered or to take its first payload.
  std::chrono::milliseconds connect_timeout{20000};
  // How long an established connection may be without the collector's word on what it knows before
  // it is spoken to by the original contract. There what has left counts as delivered: a collector
  // that has once shown that it knows more is never taken for an original one.
  std::chrono::milliseconds answer_timeout{3000};
  // A quiet collector is asked for a sign of life after delivery.speaks_every, and given up after
  // this long without any. Together with the ping: noticed within 25 s.
  std::chrono::milliseconds dead_after{25000};
  // A collector that takes samples and does not acknowledge any this long is given up too.
  std::chrono::milliseconds ack_timeout{30000};
  // How long a collector may take to end a connection that is to be followed by a new one.
  std::chrono::milliseconds move_timeout{3000};
  // Since when an earlier feed of this run had no connection; nothing: it had one, or there was
  // none.
  std::optional<SteadyTime> offline_since;
};

// Keeps one LiveFeed to a collector open for ever, for Delivery to move samples into. Speaks the
// original contract until the collector shows that it knows more; comes back when and where a
// collector that goes away, or refuses for now, says. Logs one line when the collector is lost and
// one when it is back. On the core strand.
class Feed final : private ConnectionEvents {
 public:
  // All references must outlive the feed.
  Feed(FeedConfig config, Scheduler& scheduler, Transport& transport, SampleQueue& queue,
       SampleClock& clock, AlertSink& alerts);

  void Start();
  // A sample has arrived in the queue.
  void Wake();
  // Goes over to a new connection to the same collector, for which the transport has something new:
  // nothing more is sent on this one, the collector acknowledges what it has of it and ends it, and
  // the next one begins at once. Takes at most `move_timeout`.
  void Renew();
  // Delivers the live samples and waits for their acknowledgement, at most `grace`, then `done`.
  void Stop(std::chrono::milliseconds grace, std::function<void()> done);

  [[nodiscard]] bool connected() const { return confirmed_; }
  [[nodiscard]] FeedStatus status() const;
  [[nodiscard]] std::uint64_t connects() const { return connects_; }
  // Grows with whatever the feed does; without a collector, with each try.
  [[nodiscard]] std::uint64_t turns() const { return turns_; }
  // For people: "connected to edge.example:50051", "no collector for 3m: Connection refused".
  [[nodiscard]] std::string Describe() const;

 private:
  enum class State { kWaiting, kOpening, kStreaming, kMoving, kStopping, kStopped };

  void OnAnswered(const Features& features) override;
  void OnSent() override;
  void OnReply(const FeedReply& reply) override;
  void OnClosed(const Error& why, Trouble trouble) override;

  Endpoint NextCollector();
  void PassOver();
  bool RoundIsOver();
  void NoteRetryAfter(const Error& why);
  void Connect();
  void WatchConnect();
  void AwaitAnswer(bool was_established);
  void BeginStreaming();
  void Confirm();
  void TakeAlert(const Alert& alert);
  void Follow(const Redirect& redirect);
  std::chrono::milliseconds WaitBeforeNext();
  void MoveOn();
  void GiveUp(std::string_view why, Trouble trouble);
  void EndConnection();
  void NoteOffline(const Error& why, Trouble trouble);
  void CheckLiveness();
  void HalfCloseWhenDrained();
  void FinishStop();
  void LogLost(const Error& why);
  void LogConnected();
  [[nodiscard]] bool Batches() const { return features_ && features_->batches; }

  FeedConfig config_;
  Scheduler& scheduler_;
  Transport& transport_;
  AlertSink& alerts_;
  Delivery delivery_;
  Backoff backoff_;

  State state_ = State::kWaiting;
  std::size_t next_collector_ = 0;
  std::vector<SteadyTime> not_before_;  // When each of config_.collectors wants to be asked again.
  std::deque<Endpoint> redirected_to_;  // Tried before the configured ones.
  std::optional<Redirect> redirect_;    // What the collector of this connection asked for.
  std::mt19937_64 random_;              // Spreads what a redirect leaves open.
  Endpoint collector_;                  // Of the current or last connection.
  std::unique_ptr<Connection> connection_;
  std::optional<Features> features_;    // Empty until the collector has answered.
  std::set<std::string> know_batches_;  // Collectors that have once said so.
  bool confirmed_ = false;              // The connection has carried something: log and count it.
  SteadyTime last_sign_;                // When the collector last showed that it is alive.
  bool was_healthy_ = false;            // The current or last connection.
  std::optional<SteadyTime> lost_since_;
  std::string last_loss_;  // The reason that was logged last.
  bool quiet_ = false;     // The same trouble again and again: log it once.
  SteadyTime connected_since_;
  SteadyTime offline_since_;    // Of the time before the connection, while there is one.
  std::uint64_t attempts_ = 0;  // Since then.
  std::optional<FeedStatus::Failure> last_failure_;
  SteadyTime next_attempt_;                 // While waiting.
  std::deque<std::uint64_t> taken_alerts_;  // The numbers of the last ones.
  std::uint64_t connects_ = 0;
  std::uint64_t turns_ = 0;
  bool half_closed_ = false;
  std::function<void()> stopped_;

  Timer reconnect_;
  Timer connect_deadline_;
  Timer answer_deadline_;
  Timer healthy_;
  Timer liveness_;
  Timer move_deadline_;
  Timer stop_deadline_;
};

}  // namespace edgefeed
