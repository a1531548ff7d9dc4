#pragma once

#include <string>

#include "tests/rpc/ctl/fake_collector.h"

// Messages for the fake collector.
namespace edgefeed {

inline telemetry::MetricsResponse Update(const std::string& device, double cpu_usage) {
  telemetry::MetricsResponse update;
  update.set_service_name(device);
  update.set_cpu_usage(cpu_usage);
  update.set_memory_mb(812);
  update.set_request_count(7);
  update.set_timestamp_ms(1'700'000'000'000);
  return update;
}

inline telemetry::MetricsResponse FullUpdate(const std::string& device) {
  telemetry::MetricsResponse update = Update(device, 12.5);
  auto* reading = update.add_readings();
  reading->mutable_series()->set_metric("disk_read_bytes_total");
  auto* label = reading->mutable_series()->add_labels();
  label->set_name("device");
  label->set_value("sda");
  reading->set_value(3 * 1024 * 1024);
  update.mutable_device()->set_operating_system("Debian GNU/Linux 12");
  return update;
}

// Samples 0, 1, 2, … of a series without labels, a second apart; `first`: the first of them.
inline HistoryResponse PastSamples(std::uint32_t number, const std::string& metric, int first,
                                   int count) {
  HistoryResponse response;
  response.set_series_number(number);
  if (first == 0) response.mutable_series()->set_metric(metric);
  for (int i = first; i < first + count; ++i) {
    auto* point = response.add_points();
    point->set_time_ms(1'700'000'000'000 + 1000 * static_cast<std::uint64_t>(i));
    point->set_value(i);
  }
  return response;
}

inline Device KnownDevice(const std::string& name) {
  Device device;
  device.set_service_name(name);
  device.set_connected(true);
  device.set_address("10.0.0.7:41234");
  device.set_last_seen_ms(1'700'000'000'000);
  device.set_timestamp_ms(1'700'000'000'000);
  device.set_cpu_usage(95.5);
  device.set_memory_mb(2048);
  device.add_firing("CPU_HIGH");
  return device;
}

}  // namespace edgefeed
