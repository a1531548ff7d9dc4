#include "collector/rpc/response.h"

#include "common/wire/device_info.h"
#include "fleet.pb.h"
#include "telemetry.pb.h"

namespace edgefeed {

void ToWire(const DeviceSnapshot& snapshot, Detail detail, telemetry::MetricsResponse& wire) {
  wire.Clear();
  wire.set_service_name(snapshot.name);
  wire.set_cpu_usage(snapshot.cpu_usage_percent);
  wire.set_memory_mb(snapshot.memory_used_mib);
  wire.set_request_count(snapshot.request_count);
  wire.set_timestamp_ms(UnixMillis(snapshot.sample_time));
  if (detail == Detail::kHeadline) return;
  if (snapshot.info != nullptr) ToWire(*snapshot.info, *wire.mutable_device());
  for (const NamedReading& reading : snapshot.readings) {
    auto* added = wire.add_readings();
    added->set_value(reading.value);
    ToWire(reading.series, *added->mutable_series());
  }
}

void ToWire(const DeviceSnapshot& snapshot, Device& wire) {
  wire.Clear();
  wire.set_service_name(snapshot.name);
  wire.set_connected(snapshot.connected);
  wire.set_address(snapshot.address);
  wire.set_first_seen_ms(UnixMillis(snapshot.first_seen));
  wire.set_last_seen_ms(UnixMillis(snapshot.last_seen));
  wire.set_request_count(snapshot.request_count);
  for (const std::string& rule : snapshot.firing) wire.add_firing(rule);
  if (snapshot.info != nullptr) ToWire(*snapshot.info, *wire.mutable_info());
  wire.set_cpu_usage(snapshot.cpu_usage_percent);
  wire.set_memory_mb(snapshot.memory_used_mib);
  wire.set_timestamp_ms(UnixMillis(snapshot.sample_time));
}

void ToWire(const Series& series, telemetry::Series& wire) {
  wire.set_metric(series.metric);
  for (const Label& label : series.labels) {
    auto* added = wire.add_labels();
    added->set_name(label.name);
    added->set_value(label.value);
  }
}

}  // namespace edgefeed
