#include "tests/e2e/client.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

#include "common/model/features.h"

namespace edgefeed::e2e {
namespace {

// No call of these tests lasts longer.
constexpr std::chrono::seconds kLongestCall{180};
constexpr std::size_t kChunkBytes = 64 << 10;

}  // namespace

std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

std::uint64_t NowMillis() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

telemetry::MetricsPayload Payload(const std::string& device) {
  telemetry::MetricsPayload payload;
  payload.set_service_name(device);
  payload.set_cpu_usage(5);
  payload.set_memory_mb(100);
  payload.set_timestamp_ms(NowMillis());
  return payload;
}

grpc::Status Snapshot(const std::shared_ptr<grpc::Channel>& channel, const std::string& device,
                      telemetry::MetricsResponse& response) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
  context.set_wait_for_ready(true);
  telemetry::MetricsRequest request;
  request.set_service_name(device);
  request.set_detail(telemetry::MetricsRequest::READINGS);
  return telemetry::TelemetryService::NewStub(channel)->GetSnapshot(&context, request, &response);
}

DeviceFeed::DeviceFeed(const std::shared_ptr<grpc::Channel>& channel, std::string device,
                       std::string run_id)
    : encoder_(std::move(device), {.run_id = std::move(run_id)}, series_),
      stub_(telemetry::TelemetryService::NewStub(channel)) {
  sample_.position = {std::random_device{}() + 1ULL, 0};
  sample_.cpu_usage_percent = 5;
  sample_.memory_used_mib = 100;
  context_.set_deadline(std::chrono::system_clock::now() + kLongestCall);
  context_.AddMetadata(std::string(kFeaturesKey), ToString(Features{.batches = true}));
  stream_ = stub_->LiveFeed(&context_);
}

void DeviceFeed::SetReadings(int readings) {
  for (int i = 0; i < readings; ++i) {
    const Series series{"a_reading_with_a_long_name_number_" + std::to_string(i) + "_bytes", {}};
    sample_.readings.push_back({series_.Intern(series).value(), static_cast<double>(i)});
  }
}

bool DeviceFeed::Send() {
  telemetry::MetricsPayload payload;
  if (sample_.position.sequence == 0) {
    encoder_.EncodeHello({}, speaks_every_, payload);
    if (!stream_->Write(payload)) return false;
  }
  ++sample_.position.sequence;
  sample_.time = FromUnixMillis(NowMillis());
  for (Reading& reading : sample_.readings) reading.value += 1;
  encoder_.EncodeBatch({&sample_, 1}, false, payload);
  return stream_->Write(payload);
}

bool DeviceFeed::SendAndAwaitAck() {
  if (!Send()) return false;
  telemetry::AlertResponse response;
  while (stream_->Read(&response)) {
    for (const auto& stored : response.stored()) {
      if (stored.stream() == sample_.position.stream &&
          stored.sequence() >= sample_.position.sequence) {
        return true;
      }
    }
  }
  return false;
}

bool DeviceFeed::AwaitEnd() {
  telemetry::AlertResponse response;
  while (stream_->Read(&response)) {
    if (!response.alert_type().empty()) return false;
  }
  return true;
}

grpc::Status DeviceFeed::Finish() {
  stream_->WritesDone();
  AwaitEnd();
  return stream_->Finish();
}

grpc::Status Upload(const std::shared_ptr<grpc::Channel>& channel, const std::string& name,
                    const std::string& content, fileupload::UploadResponse& response) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kLongestCall);
  const auto stub = fileupload::FileUploadService::NewStub(channel);
  const auto writer = stub->Upload(&context, &response);
  std::size_t sent = 0;
  for (std::uint32_t index = 0;; ++index) {
    fileupload::FileChunk chunk;
    chunk.set_filename(name);
    chunk.set_chunk_index(index);
    chunk.set_data(content.substr(sent, kChunkBytes));
    sent = std::min(content.size(), sent + kChunkBytes);
    chunk.set_is_last(sent == content.size());
    if (!writer->Write(chunk) || chunk.is_last()) break;
  }
  writer->WritesDone();
  return writer->Finish();
}

}  // namespace edgefeed::e2e
