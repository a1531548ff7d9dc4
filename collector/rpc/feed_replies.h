#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "collector/rpc/feed_progress.h"
#include "common/base/clock.h"
#include "common/model/alert.h"
#include "common/model/features.h"
#include "common/model/feed_message.h"

namespace edgefeed {

// What the client of one feed is to be told, until it is said. All that there is goes in one
// message; a client hears nothing that it has not said to understand.
class FeedReplies {
 public:
  explicit FeedReplies(const Features& features) : features_(features) {}

  void Greet(Welcome welcome);
  void Reject(std::vector<Rejection> rejected);
  void Leave(const Redirect& redirect);

  // A sample was taken; until it is stored, or the feed ends, there is something to wait for.
  void Accepted(const StreamPosition& position) { progress_.Accepted(position); }
  // To be acknowledged, now or later.
  void Stored(const StreamPosition& position, SteadyTime now);
  // When what is stored must be acknowledged. Nothing when there is nothing new.
  [[nodiscard]] std::optional<SteadyTime> acknowledge_by() const;
  [[nodiscard]] bool all_stored() const { return progress_.all_stored(); }
  // What is stored is acknowledged with the next message; without any, that is a sign of life.
  void Acknowledge() { is_due_ = features_.batches; }
  // The same, if anything has been stored.
  void AcknowledgeStored();

  // There is something to say at once.
  [[nodiscard]] bool is_due() const;
  // The client does not read what it is told: nothing more is to be taken from it.
  [[nodiscard]] bool is_full() const;

  // The next message, with this alert if there is one.
  FeedReply Take(const Alert* alert, SteadyTime now, WallTime wall);

 private:
  Alert Known(Alert alert) const;
  std::optional<WallTime> TimeIfDue(SteadyTime now, WallTime wall);

  const Features features_;
  std::optional<Welcome> welcome_;
  std::vector<Rejection> rejected_;
  std::optional<Redirect> redirect_;
  FeedProgress progress_;
  bool is_due_ = false;
  SteadyTime acknowledged_;              // When last.
  std::optional<SteadyTime> time_told_;  // When last.
};

}  // namespace edgefeed
