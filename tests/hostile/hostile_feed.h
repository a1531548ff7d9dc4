#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "telemetry.grpc.pb.h"
#include "tests/hostile/hostile_device.h"

namespace edgefeed {

// One feed of a hostile device, which says that it speaks in batches. Broken off when it goes.
class HostileFeed {
 public:
  HostileFeed(HostileDevice& device, const std::shared_ptr<grpc::Channel>& channel,
              std::chrono::milliseconds longest);
  ~HostileFeed();
  HostileFeed(const HostileFeed&) = delete;
  HostileFeed& operator=(const HostileFeed&) = delete;

  // The first message. False, as of Write(): the feed is over.
  bool Hello(const std::string& name);
  bool Write(const telemetry::MetricsPayload& payload) { return stream_->Write(payload); }
  // Says that it is done, and reads what there is to read.
  grpc::Status End();

  // Numbers the samples of the batch, on this feed's stream.
  void Number(std::uint32_t count, telemetry::SampleBatch& batch);

 private:
  HostileCall call_;
  const std::uint64_t number_;  // Of its stream.
  std::unique_ptr<telemetry::TelemetryService::Stub> stub_;
  std::unique_ptr<grpc::ClientReaderWriter<telemetry::MetricsPayload, telemetry::AlertResponse>>
      stream_;
  std::int64_t sequence_ = 0;
  bool ended_ = false;
};

// Columns of `count` samples of now, each with a value for `series` series from this number on.
std::string HostileColumns(std::uint32_t count, std::uint32_t first, std::uint32_t series,
                           const std::function<double()>& value);

// `count` new series with names of 200 bytes and more, the first of which has this number on its
// feed, and a value of each. `name` gives the i-th.
telemetry::MetricsPayload HostileSeries(HostileFeed& feed, std::uint32_t first, std::uint32_t count,
                                        const std::function<std::string(std::uint32_t i)>& name);

}  // namespace edgefeed
