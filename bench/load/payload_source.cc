#include "bench/load/payload_source.h"

#include <functional>
#include <numeric>
#include <random>

#include "common/base/clock.h"
#include "common/columns/column.h"
#include "common/columns/sample_columns.h"

namespace edgefeed::bench {
namespace {

constexpr double kMemoryMib = 812.25;

}  // namespace

PayloadSource::PayloadSource(std::size_t readings) : run_(std::random_device{}()) {
  numbers_.resize(readings);
  std::iota(numbers_.begin(), numbers_.end(), 0U);
  sample_.memory_used_mib = kMemoryMib;
  for (const std::uint32_t number : numbers_) sample_.readings.push_back({number, 0});
}

const telemetry::MetricsPayload& PayloadSource::Make(const PayloadRequest& request) {
  payload_.Clear();
  numbers_.empty() ? MakeOriginal(request) : MakeBatch(request);
  return payload_;
}

void PayloadSource::MakeOriginal(const PayloadRequest& request) {
  payload_.set_service_name(request.device);
  payload_.set_cpu_usage(request.cpu_usage);
  payload_.set_memory_mb(kMemoryMib);
  payload_.set_timestamp_ms(UnixMillis(SystemClock().Wall()));
}

// As on a real machine some values stand still (sizes) and the others move.
void PayloadSource::MakeBatch(const PayloadRequest& request) {
  if (request.sequence == 1) Introduce(request.device);
  const SystemClock clock;
  sample_.time = clock.Wall();
  sample_.since_boot = clock.SinceBoot();
  sample_.cpu_usage_percent = request.cpu_usage;
  for (std::size_t i = 0; i < sample_.readings.size(); ++i) {
    const auto moved = i % 2 == 0 ? 0.0 : static_cast<double>(request.sequence) * 17.25;
    sample_.readings[i].value = static_cast<double>(i) * 1e6 + moved;
  }
  payload_.set_cpu_usage(request.cpu_usage);  // For the floor, which reads no columns.
  auto& batch = *payload_.mutable_batch();
  batch.set_stream((run_ << 32U) ^ (std::hash<std::string>()(request.device) | 1U));
  batch.set_count(1);
  const auto sequence = static_cast<std::int64_t>(request.sequence);
  EncodeIntegers({&sequence, 1}, *batch.mutable_sequences());
  const Sample* sample = &sample_;
  EncodeSamples({&sample, 1}, numbers_, *batch.mutable_columns());
}

void PayloadSource::Introduce(const std::string& device) {
  payload_.set_service_name(device);
  auto* info = payload_.mutable_hello()->mutable_device();
  info->set_boot_id("4c2d7f0e-bench");
  info->set_run_id(device + "-" + std::to_string(run_));
  info->set_agent_version("0.1.0");
  info->set_kernel_release("6.1.0");
  info->set_machine("x86_64");
  for (const std::uint32_t number : numbers_) {
    auto* series = payload_.add_new_series();
    series->set_metric("bench_metric_" + std::to_string(number / 4) + "_bytes");
    auto* label = series->add_labels();
    label->set_name("part");
    label->set_value(std::to_string(number % 4));
  }
}

}  // namespace edgefeed::bench
