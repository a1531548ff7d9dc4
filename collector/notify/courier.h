#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "collector/notify/answer.h"
#include "collector/notify/parcel_sink.h"
#include "collector/notify/receiver.h"
#include "collector/stats.h"
#include "common/base/backoff.h"
#include "common/base/result.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// How long somebody else than the receiver may answer before a notification is given up.
constexpr std::chrono::hours kMisplacedPatience{1};
// The longest wait between two tries that a receiver may ask for.
constexpr std::chrono::hours kMaxRetryAfter{1};

// Brings one receiver one notification after another, each until it is taken or refused, on a
// strand of its own, which it blocks.
class Courier final : public ParcelSink {
 public:
  using Post = std::function<Result<HttpClient::Response>(const HttpClient::Request&)>;

  // All must outlive it. `settled` and `reminded` are called on the strand, and must only hand
  // over.
  struct Parts {
    Scheduler& strand;
    Receiver& receiver;
    ReceiverStats& stats;
    Post post;
    std::function<void(std::uint64_t number)> settled;
    std::function<void(Status)> reminded;
    std::uint64_t seed = 0;
  };

  explicit Courier(Parts parts);

  // From any thread.
  void Deliver(std::vector<Parcel> parcels) override;
  void Remind(std::vector<Notification> firing) override;

  // On its strand: nothing more is sent.
  void Stop();

 private:
  struct Outcome {
    Answer answer = Answer::kLater;
    std::string why;  // Unless it was taken.
    std::optional<std::chrono::seconds> retry_after;
  };

  void Continue();
  void Work();
  Outcome Try(const Parcel& parcel);
  Outcome Send(const HttpClient::Request& request);
  [[nodiscard]] bool LastedTooLong() const;
  void Retry(const Outcome& outcome);
  void Settle();
  void Failed(const std::string& why);
  void Worked();
  void Refused(const Parcel& parcel, const std::string& why);

  Parts parts_;
  Backoff backoff_;
  std::deque<Parcel> waiting_;
  std::optional<SteadyTime> first_try_;      // Of the first one that waits.
  std::optional<SteadyTime> failing_since_;  // Said once.
  bool refusing_ = false;                    // The same.
  bool working_ = false;
  bool stopped_ = false;
  Timer retry_;
};

}  // namespace edgefeed
