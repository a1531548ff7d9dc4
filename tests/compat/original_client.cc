#include "tests/compat/original_client.h"

#include <doctest/doctest.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <algorithm>

namespace edgefeed::compat {
namespace fs = std::filesystem;

RunningCollector::RunningCollector() {
  const auto config = directory_.Write("collector.yaml",
                                       "listen: 127.0.0.1:0\n"
                                       "http: {listen: 127.0.0.1:0}\n"
                                       "data_dir: " +
                                           (directory_.path() / "data").string() + "\n");
  program_ = std::make_unique<Program>(ProgramSpec{.program = BuiltProgram("edgefeed-collector"),
                                                   .arguments = {"--config", config.string()}});
  const auto port = program_->WaitForPort("listening on 127.0.0.1:", kPatience);
  REQUIRE(port);
  channel_ =
      grpc::CreateChannel("127.0.0.1:" + std::to_string(*port), grpc::InsecureChannelCredentials());
}

std::vector<fs::path> RunningCollector::VisibleFiles() const {
  std::vector<fs::path> files;
  auto walk = fs::recursive_directory_iterator(directory_.path() / "data" / "uploads");
  for (auto entry = begin(walk); entry != end(walk); ++entry) {
    const bool hidden = entry->path().filename().string().starts_with(".");
    if (hidden && entry->is_directory()) entry.disable_recursion_pending();
    if (!hidden && entry->is_regular_file()) files.push_back(entry->path());
  }
  std::ranges::sort(files);
  return files;
}

bool IsOriginal(const google::protobuf::Message& message) {
  return message.GetReflection()->GetUnknownFields(message).empty();
}

std::uint64_t NowMillis() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

telemetry::MetricsPayload Payload(const std::string& device, double cpu_usage, double memory_mb) {
  telemetry::MetricsPayload payload;
  payload.set_service_name(device);
  payload.set_cpu_usage(cpu_usage);
  payload.set_memory_mb(memory_mb);
  payload.set_timestamp_ms(NowMillis());
  return payload;
}

OriginalFeed::OriginalFeed(RunningCollector& collector)
    : stub_(telemetry::TelemetryService::NewStub(collector.channel())) {
  context_.set_deadline(std::chrono::system_clock::now() + kPatience);
  stream_ = stub_->LiveFeed(&context_);
}

std::optional<telemetry::AlertResponse> OriginalFeed::NextAlert() {
  telemetry::AlertResponse alert;
  if (!stream_->Read(&alert)) return std::nullopt;
  ++alerts_;
  // An acknowledgement would look to an original client like an alert without a type.
  CHECK_FALSE(alert.alert_type().empty());
  CHECK(IsOriginal(alert));
  return alert;
}

grpc::Status OriginalFeed::End() {
  stream_->WritesDone();
  while (NextAlert()) {
  }
  return stream_->Finish();
}

void FeedAll(RunningCollector& collector, const std::vector<telemetry::MetricsPayload>& payloads) {
  OriginalFeed feed(collector);
  for (const auto& payload : payloads) REQUIRE(feed.Send(payload));
  const grpc::Status status = feed.End();
  REQUIRE_MESSAGE(status.ok(), status.error_message());
}

}  // namespace edgefeed::compat
