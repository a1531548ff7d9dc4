#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "collector/rpc/feed_limits.h"
#include "collector/rpc/feed_replies.h"
#include "collector/rpc/sample_pieces.h"
#include "collector/rpc/shards.h"
#include "collector/stats.h"
#include "common/base/result.h"
#include "common/model/features.h"
#include "common/wire/payload_decoder.h"

namespace edgefeed {

// Who feeds, as its call has shown.
struct FeedClient {
  Features features;
  std::function<Status(const std::string& device)> may_feed;  // As that device.
};

// What one feed sends, on its way to ingest: a payload is checked and taken apart, its samples are
// handed on in pieces. On the strand of the device's shard.
class FeedIntake {
 public:
  // `feed`: for ingest. `replies`: where what is to be said of payloads goes. All references must
  // outlive it.
  FeedIntake(Shard& shard, FeedControl& feed, const FeedLimits& limits, FeedClient client,
             FeedReplies& replies, CollectorStats& stats);

  // All of a payload of so many bytes but its samples: these come with TakePiece(), and the payload
  // must stay as it is until there are no more. `address`: whose feed it is, for the first. The
  // error ends the feed, and names the payload.
  Status Take(const telemetry::MetricsPayload& payload, std::uint64_t bytes,
              const std::string& address);
  // About a millisecond's work. The error ends the feed.
  Status TakePiece();
  [[nodiscard]] bool has_more() const { return decoding_ || !untaken_.done(); }
  // Once it is open: when there is nothing more to take.
  void Close();

  // Ingest has let the device in.
  [[nodiscard]] bool is_open() const { return open_; }
  // Empty until a payload has said it.
  [[nodiscard]] const std::string& device() const { return decoder_.device(); }
  [[nodiscard]] std::uint64_t payloads() const { return payloads_; }
  // What the last payload counts as, when there is no more of it.
  [[nodiscard]] std::uint64_t cost_bytes() const { return cost_bytes_; }
  // The client has promised to speak at least this often; 0: it has not.
  [[nodiscard]] std::chrono::milliseconds speaks_every() const { return speaks_every_; }

 private:
  Status TakeChecked(const telemetry::MetricsPayload& payload, std::uint64_t bytes,
                     const std::string& address);
  [[nodiscard]] Status Check(const telemetry::MetricsPayload& payload, std::uint64_t bytes) const;
  Status Open(const std::optional<Hello>& hello, const std::string& address);
  void TakeWords(FeedMessage& message);
  void TakeSamples();
  [[nodiscard]] Error Refuse(Code code, const std::string& why) const;

  Shard& shard_;
  FeedControl& feed_;
  const FeedLimits& limits_;
  const FeedClient client_;
  FeedReplies& replies_;
  CollectorStats& stats_;
  PayloadDecoder decoder_;

  bool open_ = false;
  std::chrono::milliseconds speaks_every_{0};
  std::uint64_t payloads_ = 0;
  std::uint64_t dropped_readings_ = 0;  // Of the decoder's, so many are counted.
  std::uint64_t cost_bytes_ = 0;
  std::optional<FeedMessage> decoding_;  // Of the last payload.
  std::uint64_t payload_bytes_ = 0;      // Of it.
  SamplePieces untaken_;                 // Of it, decoded.
  Lane lane_ = Lane::kLive;              // Of these.
};

}  // namespace edgefeed
