#pragma once

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <memory>
#include <string>

#include "common/wire/payload_encoder.h"
#include "fileupload.grpc.pb.h"
#include "telemetry.grpc.pb.h"

// Clients of the collector made of generated code.
namespace edgefeed::e2e {

// Plaintext, and a connection of its own.
std::shared_ptr<grpc::Channel> Connect(const std::string& address);

std::uint64_t NowMillis();

// A sample as an original client sends it.
telemetry::MetricsPayload Payload(const std::string& device);

// What the collector knows of a device, with all readings.
grpc::Status Snapshot(const std::shared_ptr<grpc::Channel>& channel, const std::string& device,
                      telemetry::MetricsResponse& response);

// One feed of a device that speaks in batches, with a stream of its own.
class DeviceFeed {
 public:
  DeviceFeed(const std::shared_ptr<grpc::Channel>& channel, std::string device, std::string run_id);

  // Fills `readings` values of as many series.
  void SetReadings(int readings);
  // What the first message promises; before it is sent.
  void PromiseToSpeakEvery(std::chrono::milliseconds interval) { speaks_every_ = interval; }
  // Sends the next sample; false once the feed has ended.
  bool Send();
  // Sends the next sample and waits until it is stored; false when the feed ends instead.
  bool SendAndAwaitAck();
  // Whether nothing comes but the end.
  bool AwaitEnd();
  // Ends our side, unless the feed has ended already.
  grpc::Status Finish();

 private:
  SeriesTable series_{10'000};
  PayloadEncoder encoder_;
  Sample sample_;
  std::chrono::milliseconds speaks_every_{0};
  std::unique_ptr<telemetry::TelemetryService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<telemetry::MetricsPayload, telemetry::AlertResponse>>
      stream_;
};

// One whole file, in chunks.
grpc::Status Upload(const std::shared_ptr<grpc::Channel>& channel, const std::string& name,
                    const std::string& content, fileupload::UploadResponse& response);

}  // namespace edgefeed::e2e
