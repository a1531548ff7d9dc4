#include "ctl/rpc/messages.h"

#include <algorithm>

#include "common/wire/device_info.h"
#include "common/wire/upload_report.h"
#include "ctl/rpc/json.h"
#include "fileupload.pb.h"
#include "fleet.pb.h"
#include "telemetry.pb.h"

namespace edgefeed {
namespace {

DeviceReading FromWire(const telemetry::NamedReading& wire) {
  return {.series = edgefeed::FromWire(wire.series()), .value = wire.value()};
}

// {"series":{…},"time_ms":"…","value":…}
std::string ToJson(const telemetry::Series& series, const HistoryPoint& point, JsonForm form) {
  if (form == JsonForm::kNone) return {};
  return R"({"series":)" + ToJson(series, form) + "," + ToJson(point, form).substr(1);
}

}  // namespace

Series FromWire(const telemetry::Series& wire) {
  Series series{.metric = wire.metric(), .labels = {}};
  for (const telemetry::Label& label : wire.labels()) {
    series.labels.push_back({label.name(), label.value()});
  }
  return series;
}

PastValue FromWire(const HistoryPoint& wire, const telemetry::Series& series, JsonForm json) {
  PastValue value{.time = FromUnixMillis(wire.time_ms()), .json = ToJson(series, wire, json)};
  if (wire.has_bucket()) {
    const Bucket& bucket = wire.bucket();
    value.min = bucket.min();
    value.max = bucket.max();
    value.sum = bucket.sum();
    value.count = std::max<std::uint64_t>(bucket.count(), 1);
    value.last = bucket.last();
  } else {
    value.min = value.max = value.sum = value.last = wire.value();
    value.count = 1;
  }
  return value;
}

DeviceEntry FromWire(const Device& wire, JsonForm json) {
  return {.name = wire.service_name(),
          .connected = wire.connected(),
          .address = wire.address(),
          .last_seen = FromUnixMillis(wire.last_seen_ms()),
          .firing = {wire.firing().begin(), wire.firing().end()},
          .has_sample = wire.timestamp_ms() != 0,
          .cpu_usage_percent = wire.cpu_usage(),
          .memory_used_mib = wire.memory_mb(),
          .info = wire.has_info() ? std::optional(FromWire(wire.info())) : std::nullopt,
          .json = ToJson(wire, json)};
}

DeviceSample FromWire(const telemetry::MetricsResponse& wire, JsonForm json) {
  DeviceSample sample{.name = wire.service_name(),
                      .time = FromUnixMillis(wire.timestamp_ms()),
                      .cpu_usage_percent = wire.cpu_usage(),
                      .memory_used_mib = wire.memory_mb(),
                      .request_count = wire.request_count(),
                      .json = ToJson(wire, json)};
  for (const auto& reading : wire.readings()) sample.readings.push_back(FromWire(reading));
  if (wire.has_device()) sample.info = FromWire(wire.device());
  return sample;
}

UploadStep StepFromWire(const fileupload::UploadResponse& wire, JsonForm json) {
  return {.answer = FromWire(wire), .json = ToJson(wire, json)};
}

UploadReply FromWire(const fileupload::UploadResponse& wire, JsonForm json) {
  return {.total_bytes = wire.total_bytes(),
          .total_chunks = wire.total_chunks(),
          .success = wire.success(),
          .message = wire.message(),
          .json = ToJson(wire, json)};
}

}  // namespace edgefeed
