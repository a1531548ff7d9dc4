#include "collector/rpc/feed_intake.h"

#include <utility>
#include <vector>

#include "collector/rpc/feed_cost.h"
#include "common/base/units.h"
#include "common/model/device.h"
#include "telemetry.pb.h"

namespace edgefeed {

using telemetry::MetricsPayload;

FeedIntake::FeedIntake(Shard& shard, FeedControl& feed, const FeedLimits& limits, FeedClient client,
                       FeedReplies& replies, CollectorStats& stats)
    : shard_(shard),
      feed_(feed),
      limits_(limits),
      client_(std::move(client)),
      replies_(replies),
      stats_(stats),
      decoder_(limits.payload,
               [this](const Series& series) { return shard_.fleet.Introduce(device(), series); }) {}

Status FeedIntake::Take(const MetricsPayload& payload, std::uint64_t bytes,
                        const std::string& address) {
  ++payloads_;
  cost_bytes_ = kRefusedCostBytes;
  Status taken = TakeChecked(payload, bytes, address);
  if (!taken && taken.error().code == Code::kInvalidArgument) ++stats_.payloads_invalid;
  return taken;
}

Status FeedIntake::TakeChecked(const MetricsPayload& payload, std::uint64_t bytes,
                               const std::string& address) {
  if (const Status good = Check(payload, bytes); !good) return good;
  auto message = decoder_.Begin(payload, shard_.strand.WallNow());
  if (!message) return Refuse(message.error().code, message.error().message);
  if (!client_.features.batches && (payload.has_hello() || payload.has_batch())) {
    return Refuse(Code::kInvalidArgument,
                  "a client that sends batches must say so: edgefeed-features: batches");
  }
  if (!open_) {
    if (const Status opened = Open(message->hello, address); !opened) return opened;
  }
  TakeWords(*message);
  payload_bytes_ = bytes;
  decoding_ = *std::move(message);
  return {};
}

// Before anything of a payload is taken, as the names of its series. Later payloads cannot name
// another device: the decoder sees to that, and says what a name may be.
Status FeedIntake::Check(const MetricsPayload& payload, std::uint64_t bytes) const {
  if (bytes > limits_.payload_size.count) {
    return Refuse(Code::kResourceExhausted, "is " + FormatBytes({bytes}) + ", at most " +
                                                FormatBytes(limits_.payload_size) +
                                                " are allowed (limits.payload_size)");
  }
  const std::string& name = payload.service_name();
  return open_ || !CheckDeviceName(name) ? Status() : client_.may_feed(name);
}

Status FeedIntake::Open(const std::optional<Hello>& hello, const std::string& address) {
  const FeedIdentity identity{.address = address,
                              .run_id = hello ? hello->info.run_id : std::string()};
  Status opened = shard_.ingest.Open(device(), identity, feed_);
  open_ = opened.ok();
  return opened;
}

void FeedIntake::TakeWords(FeedMessage& message) {
  if (message.hello) {
    replies_.Greet({.stored = shard_.ingest.Resume(device(), *message.hello)});
    if (message.hello->speaks_every.count() > 0) speaks_every_ = message.hello->speaks_every;
  }
  if (message.info) shard_.ingest.Describe(device(), *std::move(message.info));
  if (message.ping) {
    replies_.Acknowledge();
    shard_.ingest.Heard(device());
  }
  if (message.alerts_taken > 0 && client_.features.alerts) {
    shard_.alerts.Acknowledge(device(), message.alerts_taken);
  }
}

void FeedIntake::TakeSamples() {
  FeedMessage message = *std::exchange(decoding_, std::nullopt);
  const std::uint64_t dropped =
      decoder_.dropped_readings() - std::exchange(dropped_readings_, decoder_.dropped_readings());
  cost_bytes_ = FeedCost(payload_bytes_, message, dropped);
  stats_.payloads_invalid += message.rejected.size();
  stats_.readings_dropped += dropped;
  replies_.Reject(std::move(message.rejected));
  untaken_ = SamplePieces(std::move(message.samples));
  lane_ = message.backlog ? Lane::kBacklog : Lane::kLive;
}

Status FeedIntake::TakePiece() {
  if (decoding_) {
    if (!decoder_.Continue(SamplePieces::kValues, *decoding_)) return {};
    TakeSamples();
  }
  std::vector<Sample> piece = untaken_.Next();
  if (piece.empty()) return {};
  replies_.Accepted(piece.back().position);
  return shard_.ingest.Accept(device(), feed_, std::move(piece), lane_);
}

void FeedIntake::Close() { shard_.ingest.Close(device(), feed_); }

Error FeedIntake::Refuse(Code code, const std::string& why) const {
  const std::string whose = open_ ? " of device '" + device() + "'" : "";
  return Error{code, "payload " + std::to_string(payloads_) + whose + ": " + why};
}

}  // namespace edgefeed
