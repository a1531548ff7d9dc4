#pragma once

#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "common/wire/payload_encoder.h"
#include "telemetry.grpc.pb.h"

namespace edgefeed::e2e {

// A device with one feed and one series, kMetric: 1, 2, 3 … Every second sample is above a
// threshold of 90 percent of cpu_usage, and by its value one knows the alert of each.
class HonestDevice {
 public:
  static constexpr const char* kMetric = "honest_number";

  HonestDevice(const std::shared_ptr<grpc::Channel>& channel, std::string name);
  ~HonestDevice();
  HonestDevice(const HonestDevice&) = delete;
  HonestDevice& operator=(const HonestDevice&) = delete;

  // Sends the next sample; false once the feed has ended.
  bool Take();
  // Waits until all samples are stored and all alerts here; false when they do not come, or the
  // feed ends.
  bool AwaitAll(std::chrono::milliseconds within);
  // Ends our side, unless the feed has ended already.
  grpc::Status Finish();

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::uint64_t taken() const { return sample_.position.sequence; }
  [[nodiscard]] std::size_t alerts() const;

 private:
  void ReadReplies();

  const std::string name_;
  SeriesTable series_{1};
  PayloadEncoder encoder_;
  Sample sample_;
  std::set<double> expected_;  // Values that alerts must come for.
  std::unique_ptr<telemetry::TelemetryService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<telemetry::MetricsPayload, telemetry::AlertResponse>>
      stream_;

  mutable std::mutex mutex_;  // Guards what follows.
  std::condition_variable changed_;
  std::uint64_t stored_ = 0;
  std::set<double> alerts_;
  bool ended_ = false;

  std::thread reader_;
};

}  // namespace edgefeed::e2e
