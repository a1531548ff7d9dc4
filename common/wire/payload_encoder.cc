#include "common/wire/payload_encoder.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "common/columns/column.h"
#include "common/columns/sample_columns.h"
#include "common/wire/device_info.h"
#include "common/wire/position.h"
#include "telemetry.pb.h"

namespace edgefeed {
namespace {

constexpr std::uint32_t kNotAnnounced = std::numeric_limits<std::uint32_t>::max();

void ToWire(const Series& series, telemetry::Series& wire) {
  wire.set_metric(series.metric);
  for (const Label& label : series.labels) {
    auto* added = wire.add_labels();
    added->set_name(label.name);
    added->set_value(label.value);
  }
}

}  // namespace

PayloadEncoder::PayloadEncoder(std::string device_name, DeviceInfo info, const SeriesTable& series)
    : device_name_(std::move(device_name)), info_(std::move(info)), series_(series) {}

void PayloadEncoder::SetInfo(DeviceInfo info) {
  info_ = std::move(info);
  has_news_ = true;
}

void PayloadEncoder::EncodeOriginal(const Sample& sample,
                                    telemetry::MetricsPayload& payload) const {
  payload.Clear();
  payload.set_service_name(device_name_);
  payload.set_cpu_usage(sample.cpu_usage_percent);
  payload.set_memory_mb(sample.memory_used_mib);
  payload.set_timestamp_ms(UnixMillis(sample.time));
}

void PayloadEncoder::EncodeHello(std::span<const StreamPosition> held,
                                 std::chrono::milliseconds speaks_every,
                                 telemetry::MetricsPayload& payload) {
  payload.Clear();
  has_news_ = false;
  payload.set_service_name(device_name_);
  ToWire(info_, *payload.mutable_hello()->mutable_device());
  for (const StreamPosition& position : held)
    ToWire(position, *payload.mutable_hello()->add_held());
  payload.mutable_hello()->set_speaks_every_ms(static_cast<std::uint32_t>(speaks_every.count()));
}

void PayloadEncoder::EncodeBatch(std::span<const Sample> samples, bool backlog,
                                 telemetry::MetricsPayload& payload) {
  payload.Clear();
  if (std::exchange(has_news_, false)) ToWire(info_, *payload.mutable_device());
  numbers_.resize(series_.size(), kNotAnnounced);
  std::vector<const Sample*> pointers;
  std::vector<std::int64_t> sequences;
  pointers.reserve(samples.size());
  sequences.reserve(samples.size());
  for (const Sample& sample : samples) {
    pointers.push_back(&sample);
    sequences.push_back(static_cast<std::int64_t>(sample.position.sequence));
    Announce(sample, payload);
  }
  auto& batch = *payload.mutable_batch();
  batch.set_stream(samples.front().position.stream);
  batch.set_count(static_cast<std::uint32_t>(samples.size()));
  batch.set_backlog(backlog);
  const Sample& worst = std::ranges::min(samples, {}, &Sample::clock);
  batch.set_clock(static_cast<telemetry::ClockTrust>(worst.clock));
  EncodeIntegers(sequences, *batch.mutable_sequences());
  EncodeSamples(pointers, numbers_, *batch.mutable_columns());
  TellAlertsTaken(payload);
}

void PayloadEncoder::Announce(const Sample& sample, telemetry::MetricsPayload& payload) {
  for (const Reading& reading : sample.readings) {
    auto& number = numbers_[reading.series];
    if (number != kNotAnnounced) continue;
    number = announced_++;
    ToWire(series_[reading.series], *payload.add_new_series());
  }
}

void PayloadEncoder::EncodePing(telemetry::MetricsPayload& payload) {
  payload.Clear();
  payload.set_service_name(device_name_);
  payload.set_ping(true);
  TellAlertsTaken(payload);
}

void PayloadEncoder::TellAlertsTaken(telemetry::MetricsPayload& payload) {
  payload.set_alerts_taken(std::exchange(alerts_taken_, 0));
}

}  // namespace edgefeed
