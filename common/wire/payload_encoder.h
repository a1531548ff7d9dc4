#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/model/device.h"
#include "common/model/sample.h"
#include "common/model/series.h"

namespace telemetry {
class MetricsPayload;
}  // namespace telemetry

namespace edgefeed {

// One feed's messages from device to collector. Remembers what it has told the other side, so it
// lives exactly as long as the feed. Each Encode… replaces what the payload held.
class PayloadEncoder {
 public:
  // `series` numbers the readings of the samples and must outlive the encoder.
  PayloadEncoder(std::string device_name, DeviceInfo info, const SeriesTable& series);

  // What the device knows of itself by now: the next hello, or the next batch, says it.
  void SetInfo(DeviceInfo info);

  // The four original fields alone.
  void EncodeOriginal(const Sample& sample, telemetry::MetricsPayload& payload) const;
  // Must be the first message to a collector that knows batches.
  void EncodeHello(std::span<const StreamPosition> held, std::chrono::milliseconds speaks_every,
                   telemetry::MetricsPayload& payload);
  // Samples of one stream, in order. Series that the other side has not heard of come with it.
  // Precondition: at least one sample.
  void EncodeBatch(std::span<const Sample> samples, bool backlog,
                   telemetry::MetricsPayload& payload);
  // No sample: asks for a sign of life.
  void EncodePing(telemetry::MetricsPayload& payload);
  // All alerts up to this number have arrived: the next batch or ping says so.
  void SetAlertsTaken(std::uint64_t number) { alerts_taken_ = number; }

 private:
  void TellAlertsTaken(telemetry::MetricsPayload& payload);
  void Announce(const Sample& sample, telemetry::MetricsPayload& payload);

  std::string device_name_;
  DeviceInfo info_;
  bool has_news_ = false;           // Of info_, since the other side heard of it.
  std::uint64_t alerts_taken_ = 0;  // 0: the other side knows.
  const SeriesTable& series_;
  // The other side's number of each of our series: it numbers them in the order in which it hears.
  std::vector<std::uint32_t> numbers_;
  std::uint32_t announced_ = 0;
};

}  // namespace edgefeed
