#include "tests/compat/original_server.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include "fileupload.grpc.pb.h"

namespace edgefeed::compat {

void Received::Add(const telemetry::MetricsPayload& payload) {
  const std::lock_guard lock(mutex_);
  payloads_.push_back(payload);
  changed_.notify_all();
}

bool Received::WaitFor(std::size_t count, std::chrono::milliseconds within) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, within, [&] { return payloads_.size() >= count; });
}

bool Received::WaitForSampleAfter(std::uint64_t ms, std::chrono::milliseconds within) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, within, [&] {
    return std::ranges::any_of(payloads_, [ms](const auto& p) { return p.timestamp_ms() > ms; });
  });
}

std::vector<telemetry::MetricsPayload> Received::Payloads() const {
  const std::lock_guard lock(mutex_);
  return payloads_;
}

void Received::AddFile(ReceivedFile file) {
  const std::lock_guard lock(mutex_);
  files_.push_back(std::move(file));
  changed_.notify_all();
}

bool Received::WaitForFiles(std::size_t count, std::chrono::milliseconds within) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, within, [&] { return files_.size() >= count; });
}

std::vector<ReceivedFile> Received::Files() const {
  const std::lock_guard lock(mutex_);
  return files_;
}

class OriginalServer::Service final : public telemetry::TelemetryService::Service {
 public:
  explicit Service(Received& received) : received_(received) {}

  grpc::Status LiveFeed(grpc::ServerContext* /*context*/,
                        grpc::ServerReaderWriter<telemetry::AlertResponse,
                                                 telemetry::MetricsPayload>* stream) override {
    telemetry::MetricsPayload payload;
    for (bool first = true; stream->Read(&payload); first = false) {
      received_.Add(payload);
      if (first) stream->Write(AlertAbout(payload));
    }
    return grpc::Status::OK;
  }

 private:
  static telemetry::AlertResponse AlertAbout(const telemetry::MetricsPayload& payload) {
    telemetry::AlertResponse alert;
    alert.set_alert_type("CPU_HIGH");
    alert.set_message("original alert about " + payload.service_name());
    alert.set_value(payload.cpu_usage());
    alert.set_timestamp_ms(payload.timestamp_ms());
    return alert;
  }

  Received& received_;
};

class OriginalServer::Uploads final : public fileupload::FileUploadService::Service {
 public:
  explicit Uploads(Received& received) : received_(received) {}

  grpc::Status Upload(grpc::ServerContext* /*context*/,
                      grpc::ServerReader<fileupload::FileChunk>* reader,
                      fileupload::UploadResponse* response) override {
    const bool is_first = !has_had_one_.exchange(true);
    ReceivedFile file;
    fileupload::FileChunk chunk;
    std::uint32_t chunks = 0;
    while (!chunk.is_last()) {
      if (!reader->Read(&chunk)) return {grpc::StatusCode::ABORTED, "ended early"};
      if (chunk.chunk_index() != chunks++) return {grpc::StatusCode::INVALID_ARGUMENT, "a gap"};
      if (is_first && chunks == 3) return {grpc::StatusCode::UNAVAILABLE, "try again"};
      file.name = chunk.filename();
      file.bytes += chunk.data();
      if (!fileupload::FileChunk::GetReflection()->GetUnknownFields(chunk).empty())
        file.has_unknown_fields = true;
    }
    response->set_filename(file.name);
    response->set_total_bytes(file.bytes.size());
    response->set_total_chunks(chunks);
    response->set_success(true);
    received_.AddFile(std::move(file));
    return grpc::Status::OK;
  }

 private:
  Received& received_;
  std::atomic<bool> has_had_one_ = false;
};

OriginalServer::OriginalServer(Received& received, std::uint16_t port)
    : service_(std::make_unique<Service>(received)), uploads_(std::make_unique<Uploads>(received)) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:" + std::to_string(port), grpc::InsecureServerCredentials(),
                           &port_);
  builder.RegisterService(service_.get());
  builder.RegisterService(uploads_.get());
  server_ = builder.BuildAndStart();
}

OriginalServer::~OriginalServer() {
  if (server_) server_->Shutdown(std::chrono::system_clock::now());
}

}  // namespace edgefeed::compat
