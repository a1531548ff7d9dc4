#include "common/wire/message_sizes.h"

#include "common/wire/payload_encoder.h"
#include "telemetry.pb.h"

namespace edgefeed {

MessageSizes MeasureMessages(const std::string& device_name, const DeviceInfo& info,
                             const SeriesTable& series, std::span<const Sample> samples) {
  PayloadEncoder encoder(device_name, info, series);
  telemetry::MetricsPayload payload;
  const auto batch_size = [&](std::span<const Sample> batch) {
    encoder.EncodeBatch(batch, false, payload);
    return static_cast<double>(payload.ByteSizeLong());
  };
  MessageSizes sizes;
  encoder.EncodeHello({}, std::chrono::seconds(15), payload);
  sizes.hello = static_cast<double>(payload.ByteSizeLong());
  encoder.EncodePing(payload);
  sizes.ping = static_cast<double>(payload.ByteSizeLong());
  const double together_with_names = batch_size(samples);
  const double together = batch_size(samples);
  sizes.series_names = together_with_names - together;
  for (const Sample& sample : samples) sizes.first_sample += batch_size({&sample, 1});
  const auto count = static_cast<double>(samples.size());
  sizes.first_sample /= count;
  sizes.further_sample = (together - sizes.first_sample) / (count - 1);
  return sizes;
}

}  // namespace edgefeed
