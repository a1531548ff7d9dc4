#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fileupload.grpc.pb.h"
#include "telemetry.grpc.pb.h"
#include "tests/support/program.h"
#include "tests/support/temp_dir.h"

// A client as it was written for the original contract: plain synchronous gRPC.
namespace edgefeed::compat {

// No call of these tests lasts longer.
constexpr std::chrono::seconds kPatience{30};

// A real collector with the default rules, on ports and in a directory of its own.
class RunningCollector {
 public:
  RunningCollector();

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  Program& program() { return *program_; }
  // What uploads have left for a user to see.
  [[nodiscard]] std::vector<std::filesystem::path> VisibleFiles() const;

 private:
  TempDir directory_;
  std::unique_ptr<Program> program_;
  std::shared_ptr<grpc::Channel> channel_;
};

// Whether `message` holds nothing that the original contract does not know.
bool IsOriginal(const google::protobuf::Message& message);

std::uint64_t NowMillis();

telemetry::MetricsPayload Payload(const std::string& device, double cpu_usage, double memory_mb);

// One LiveFeed call.
class OriginalFeed {
 public:
  explicit OriginalFeed(RunningCollector& collector);

  // False once the collector has ended the feed.
  bool Send(const telemetry::MetricsPayload& payload) { return stream_->Write(payload); }
  // Waits for the next one; nothing when the feed has ended.
  std::optional<telemetry::AlertResponse> NextAlert();
  // Closes our side and reads to the end. The alerts that were still to come are counted.
  grpc::Status End();
  [[nodiscard]] int alerts() const { return alerts_; }

 private:
  std::unique_ptr<telemetry::TelemetryService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<telemetry::MetricsPayload, telemetry::AlertResponse>>
      stream_;
  int alerts_ = 0;
};

// Sends these in one feed, which must end well: all have been accepted then.
void FeedAll(RunningCollector& collector, const std::vector<telemetry::MetricsPayload>& payloads);

}  // namespace edgefeed::compat
