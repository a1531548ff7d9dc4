#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/model/device.h"
#include "common/model/sample.h"
#include "common/model/series.h"

namespace telemetry {
class DeviceInfo;
class MetricsPayload;
}  // namespace telemetry

namespace edgefeed {

// One stream's samples → payloads. Remembers what it has told the other side, so it lives exactly
// as long as the stream.
class PayloadEncoder {
 public:
  // `series` numbers the readings of the samples and must outlive the encoder.
  PayloadEncoder(std::string device_name, DeviceInfo info, const SeriesTable& series);

  // The four original fields alone.
  void EncodeOriginal(const Sample& sample, telemetry::MetricsPayload& payload) const;
  // Everything. Series that the other side has not heard of come with the payload.
  void EncodeFull(const Sample& sample, telemetry::MetricsPayload& payload);
  // No sample: asks for a sign of life.
  void EncodePing(telemetry::MetricsPayload& payload) const;

 private:
  std::string device_name_;
  DeviceInfo info_;
  const SeriesTable& series_;
  bool info_sent_ = false;
  // The other side's number of each of our series: it numbers them in the order in which it hears.
  std::vector<std::optional<std::uint32_t>> sent_;
  std::uint32_t sent_count_ = 0;
};

// What a payload may be.
struct PayloadLimits {
  std::uint32_t series = 2048;
  // How far ahead of our own clock a sample may be.
  std::chrono::milliseconds future{24 * 3'600'000LL};
};

// One stream's payloads → samples.
class PayloadDecoder {
 public:
  // Numbers a series for the receiver; nothing when it can take no more.
  using InternSeries = std::function<std::optional<SeriesId>(const Series&)>;

  PayloadDecoder(const PayloadLimits& limits, InternSeries intern);

  // Checks the payload and takes what it holds. INVALID_ARGUMENT names the field and its value.
  Result<Sample> Decode(const telemetry::MetricsPayload& payload, WallTime now);

  // What the device said of itself, once it has.
  [[nodiscard]] const std::shared_ptr<const DeviceInfo>& info() const { return info_; }
  // Readings left out so far because their series was over a limit.
  [[nodiscard]] std::uint64_t dropped_readings() const { return dropped_readings_; }

 private:
  Status TakeSeries(const telemetry::MetricsPayload& payload);
  Status TakeReadings(const telemetry::MetricsPayload& payload, Sample& sample);

  PayloadLimits limits_;
  InternSeries intern_;
  std::shared_ptr<const DeviceInfo> info_;
  std::vector<std::optional<SeriesId>> series_;  // By the sender's number.
  std::uint64_t dropped_readings_ = 0;
};

DeviceInfo FromWire(const telemetry::DeviceInfo& wire);
void ToWire(const DeviceInfo& info, telemetry::DeviceInfo& wire);

}  // namespace edgefeed
