#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/columns/sample_columns.h"
#include "common/model/feed_message.h"
#include "common/model/series.h"

namespace telemetry {
class MetricsPayload;
class SampleBatch;
}  // namespace telemetry

namespace edgefeed {

// What a payload may be.
struct PayloadLimits {
  std::uint32_t series = 2048;
  // How far ahead of our own clock a sample may be.
  std::chrono::milliseconds future{24 * 3'600'000LL};
  SampleColumnLimits batch;
};

// One feed's messages, as the collector receives them.
class PayloadDecoder {
 public:
  // Numbers a series for the receiver; nothing when it can take no more.
  using InternSeries = std::function<std::optional<SeriesId>(const Series&)>;

  PayloadDecoder(const PayloadLimits& limits, InternSeries intern);

  // Checks the payload and takes what it holds. INVALID_ARGUMENT names the field and its value, and
  // means that the feed cannot go on; a bad sample of a batch is only rejected.
  Result<FeedMessage> Decode(const telemetry::MetricsPayload& payload, WallTime now);
  // The same in steps, for who has others to attend to in between: first all but a batch's samples.
  Result<FeedMessage> Begin(const telemetry::MetricsPayload& payload, WallTime now);
  // Then these, at least so many of their values at a time; the payload must stay as it is. True
  // when there is nothing more: the samples, and what is rejected, are in the message now, all or
  // none.
  bool Continue(std::size_t values, FeedMessage& message);

  // Whose feed it is, once a payload has said so.
  [[nodiscard]] const std::string& device() const { return device_; }
  // Readings left out so far because their series was over a limit.
  [[nodiscard]] std::uint64_t dropped_readings() const { return dropped_readings_; }

 private:
  Status TakeName(const telemetry::MetricsPayload& payload);
  Status TakeSeries(const telemetry::MetricsPayload& payload);
  Status BeginBatch(const telemetry::SampleBatch& batch, WallTime now);
  void TakeBatch(Result<DecodedSamples> decoded, FeedMessage& message);
  Status TakeOriginal(const telemetry::MetricsPayload& payload, WallTime now,
                      FeedMessage& message) const;

  // What is known of a batch before its columns are.
  struct Batch {
    SamplesDecoder samples;
    std::vector<StreamPosition> positions;
    ClockTrust clock;
    WallTime now;
  };

  PayloadLimits limits_;
  InternSeries intern_;
  std::string device_;
  std::vector<std::optional<SeriesId>> series_;  // By the sender's number.
  std::optional<Batch> batch_;                   // Being decoded.
  std::uint64_t dropped_readings_ = 0;
};

}  // namespace edgefeed
