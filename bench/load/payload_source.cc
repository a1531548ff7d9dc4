#include "bench/load/payload_source.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <random>

#include "common/base/clock.h"
#include "common/columns/column.h"
#include "common/columns/sample_columns.h"

namespace edgefeed::bench {
namespace {

constexpr double kMemoryMib = 812.25;
constexpr std::chrono::hours kBacklogAge{24};

// Numbers that follow from others as if by chance (the end of SplitMix64).
std::uint64_t Scattered(std::uint64_t number) {
  number = (number ^ number >> 30U) * 0xBF58476D1CE4E5B9;
  number = (number ^ number >> 27U) * 0x94D049BB133111EB;
  return number ^ number >> 31U;
}

}  // namespace

PayloadSource::PayloadSource(std::size_t readings)
    : run_(std::random_device{}()), start_(SystemClock().Wall()) {
  numbers_.resize(readings);
  std::iota(numbers_.begin(), numbers_.end(), 0U);
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

void PayloadSource::MakeBatch(const PayloadRequest& request) {
  if (request.sequence == 1) Introduce(request.device);
  const SystemClock clock;
  const std::size_t count = std::max<std::size_t>(request.backlog, 1);
  samples_.resize(count);
  std::vector<const Sample*> samples;
  std::vector<std::int64_t> sequences;
  for (Sample& sample : samples_) {
    const std::uint64_t sequence = (request.sequence - 1) * count + samples.size() + 1;
    FillSample(sequence, sample);
    sample.time = clock.Wall();
    if (request.backlog > 0) sample.time = start_ - kBacklogAge + std::chrono::seconds(sequence);
    sample.since_boot = clock.SinceBoot() - (clock.Wall() - sample.time);
    sample.cpu_usage_percent = request.cpu_usage;
    samples.push_back(&sample);
    sequences.push_back(static_cast<std::int64_t>(sequence));
  }
  payload_.set_cpu_usage(request.cpu_usage);  // For the floor, which reads no columns.
  auto& batch = *payload_.mutable_batch();
  batch.set_stream((run_ << 32U) ^ (std::hash<std::string>()(request.device) | 1U));
  batch.set_count(static_cast<std::uint32_t>(count));
  batch.set_backlog(request.backlog > 0);
  EncodeIntegers(sequences, *batch.mutable_sequences());
  EncodeSamples(samples, numbers_, *batch.mutable_columns());
}

// As on a real machine some values stand still (sizes) and the others move, more or less.
void PayloadSource::FillSample(std::uint64_t sequence, Sample& sample) const {
  sample.memory_used_mib = kMemoryMib;
  sample.readings.resize(numbers_.size());
  for (std::size_t i = 0; i < numbers_.size(); ++i) {
    const auto noise = static_cast<double>(Scattered(sequence + (i << 32U)) % 4096);
    const auto moved = i % 2 == 0 ? 0.0 : static_cast<double>(sequence) * 17.25 + noise;
    sample.readings[i] = {numbers_[i], static_cast<double>(i) * 1e6 + moved};
  }
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
