#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "collector/ports.h"
#include "collector/remote/remote_config.h"
#include "collector/remote/remote_cursor.h"
#include "collector/remote/remote_delivery.h"
#include "collector/stats.h"
#include "common/base/backoff.h"
#include "common/base/result.h"
#include "common/http/http_client.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// Writes all stored samples to one store, in the order in which they were stored. What the store
// does not take now is sent again until it does, or until it is kept no longer; what it never will
// take is counted. Everything on its strand, which its requests block. A crash sends the last
// batch again.
class RemoteSender {
 public:
  using Post = std::function<Result<HttpClient::Response>(const HttpClient::Request&)>;

  // `strand`, `post` and `stats` must outlive it.
  RemoteSender(RemoteWriteConfig config, RemoteCursor cursor, Scheduler& strand, Post post,
               RemoteWriteStats& stats, std::uint64_t seed);

  void Start(std::unique_ptr<StoredSamples> reader);
  // There may be more to be sent.
  void Pump();

 private:
  enum class Filled { kReady, kNothing, kAgain };

  Filled Fill();
  Status ReadMore();
  // Everything that is kept no longer.
  void LeaveOutExpired();
  void TakeBatch();
  void SendOne();
  void TakeAnswer(const HttpClient::Response& response);
  void Settle();
  void SaveCursor(std::uint64_t place);
  void Fail(const std::string& why, std::optional<std::chrono::seconds> retry_after);
  void WaitFor(std::chrono::milliseconds time);
  void Drop(RemoteDrop why, std::uint64_t values);
  void Again();

  RemoteWriteConfig config_;
  RemoteCursor cursor_;
  Scheduler& strand_;
  Post post_;
  RemoteWriteStats& stats_;
  Backoff backoff_;
  HeadlineSeries headline_;
  NewestTimes newest_;
  std::unique_ptr<StoredSamples> reader_;
  std::deque<StoredSample> waiting_;  // Less than a batch, and one record of the log.
  std::size_t waiting_values_ = 0;
  std::uint64_t expired_ = 0;  // Up to here samples are left out.
  std::unique_ptr<RemoteDelivery> delivery_;
  SteadyTime last_batch_;
  Timer again_;
  Timer timer_;
  bool timer_is_set_ = false;
  bool is_posted_ = false;
  bool failing_ = false;
  bool refusing_ = false;       // Since the batch before, or in this one.
  bool batch_refused_ = false;  // In this one.
  bool cursor_failing_ = false;
};

}  // namespace edgefeed
