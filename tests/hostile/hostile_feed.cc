#include "tests/hostile/hostile_feed.h"

#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/columns/column.h"
#include "common/columns/sample_columns.h"
#include "common/model/features.h"

namespace edgefeed {

HostileFeed::HostileFeed(HostileDevice& device, const std::shared_ptr<grpc::Channel>& channel,
                         std::chrono::milliseconds longest)
    : call_(device, longest),
      number_(device.Random(UINT64_MAX) | 1U),
      stub_(telemetry::TelemetryService::NewStub(channel)) {
  call_.context()->AddMetadata(std::string(kFeaturesKey), ToString(kAllFeatures));
  stream_ = stub_->LiveFeed(call_.context());
}

HostileFeed::~HostileFeed() {
  if (ended_) return;
  call_.context()->TryCancel();
  static_cast<void>(stream_->Finish());
}

bool HostileFeed::Hello(const std::string& name) {
  telemetry::MetricsPayload payload;
  payload.set_service_name(name);
  payload.mutable_hello()->mutable_device()->set_run_id("run-" + std::to_string(number_));
  return Write(payload);
}

grpc::Status HostileFeed::End() {
  ended_ = true;
  stream_->WritesDone();
  telemetry::AlertResponse response;
  while (stream_->Read(&response)) {
  }
  return stream_->Finish();
}

void HostileFeed::Number(std::uint32_t count, telemetry::SampleBatch& batch) {
  std::vector<std::int64_t> sequences;
  for (std::uint32_t i = 0; i < count; ++i) sequences.push_back(++sequence_);
  batch.set_stream(number_);
  batch.set_count(count);
  batch.clear_sequences();
  EncodeIntegers(sequences, *batch.mutable_sequences());
}

std::string HostileColumns(std::uint32_t count, std::uint32_t first, std::uint32_t series,
                           const std::function<double()>& value) {
  const WallTime now = SystemClock().Wall();
  std::vector<std::uint32_t> numbers;
  for (std::uint32_t i = 0; i < series; ++i) numbers.push_back(first + i);
  std::vector<Sample> samples(count);
  std::vector<const Sample*> pointers;
  for (std::uint32_t i = 0; i < count; ++i) {
    samples[i].time = now - std::chrono::milliseconds(count - i);
    for (std::uint32_t id = 0; id < series; ++id) samples[i].readings.push_back({id, value()});
    pointers.push_back(&samples[i]);
  }
  std::string columns;
  EncodeSamples(pointers, numbers, columns);
  return columns;
}

telemetry::MetricsPayload HostileSeries(HostileFeed& feed, std::uint32_t first, std::uint32_t count,
                                        const std::function<std::string(std::uint32_t i)>& name) {
  telemetry::MetricsPayload payload;
  for (std::uint32_t i = 0; i < count; ++i) {
    auto& series = *payload.add_new_series();
    series.set_metric(name(i));
    auto& label = *series.add_labels();
    label.set_name("filler");
    label.set_value(std::string(200, 'x'));
  }
  feed.Number(1, *payload.mutable_batch());
  payload.mutable_batch()->set_columns(HostileColumns(1, first, count, [] { return 1.0; }));
  return payload;
}

}  // namespace edgefeed
