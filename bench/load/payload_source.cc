#include "bench/load/payload_source.h"

#include "common/base/clock.h"

namespace edgefeed::bench {

PayloadSource::PayloadSource(std::size_t readings) : readings_(readings) {
  for (std::size_t i = 0; i < readings_; ++i) {
    payload_.add_reading_series(static_cast<std::uint32_t>(i));
    payload_.add_reading_value(0);
  }
}

const telemetry::MetricsPayload& PayloadSource::Make(const PayloadRequest& request) {
  payload_.set_service_name(request.device);
  payload_.set_cpu_usage(request.cpu_usage);
  payload_.set_memory_mb(812.25);
  payload_.set_timestamp_ms(UnixMillis(SystemClock().Wall()));
  if (readings_ > 0) {
    FillReadings(request.sequence);
    payload_.clear_device();
    payload_.clear_new_series();
    if (request.sequence == 1) Introduce(request.device);
  }
  return payload_;
}

// As on a real machine some values stand still (sizes) and the others move.
void PayloadSource::FillReadings(std::uint64_t sequence) {
  payload_.set_sequence(sequence);
  for (std::size_t i = 0; i < readings_; ++i) {
    const auto moved = i % 2 == 0 ? 0.0 : static_cast<double>(sequence) * 17.25;
    payload_.set_reading_value(static_cast<int>(i), static_cast<double>(i) * 1e6 + moved);
  }
}

void PayloadSource::Introduce(const std::string& device) {
  auto* info = payload_.mutable_device();
  info->set_boot_id("4c2d7f0e-bench");
  info->set_run_id(device + "-" + std::to_string(payload_.timestamp_ms()));
  info->set_agent_version("0.1.0");
  info->set_kernel_release("6.1.0");
  info->set_machine("x86_64");
  for (std::size_t i = 0; i < readings_; ++i) {
    auto* series = payload_.add_new_series();
    series->set_metric("bench_metric_" + std::to_string(i / 4) + "_bytes");
    auto* label = series->add_labels();
    label->set_name("part");
    label->set_value(std::to_string(i % 4));
  }
}

}  // namespace edgefeed::bench
