#include "tests/rpc/ctl/fake_collector.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <mutex>

#include "common/rpc/status.h"
#include "fileupload.grpc.pb.h"
#include "fleet.grpc.pb.h"
#include "telemetry.grpc.pb.h"

namespace edgefeed {
namespace {

using telemetry::MetricsRequest;
using telemetry::MetricsResponse;

struct Upload {
  std::string name;
  std::string data;
  std::uint32_t chunks = 0;
};

struct Records {
  std::mutex mutex;
  Upload upload;
  std::vector<MetricsRequest> subscribes;
  HistoryRequest history;
};

class EpisodePlayer final : public grpc::ServerWriteReactor<MetricsResponse> {
 public:
  EpisodePlayer(grpc::CallbackServerContext& context, const Episode& episode)
      : context_(context), episode_(episode) {
    WriteNext();
  }
  void OnWriteDone(bool ok) override {
    if (ok) WriteNext();
  }
  void OnCancel() override {
    if (!episode_.end) Finish(grpc::Status::CANCELLED);
  }
  void OnDone() override { delete this; }

 private:
  void WriteNext() {
    if (next_ < episode_.updates.size()) return StartWrite(&episode_.updates[next_++]);
    if (episode_.end) Finish(ToGrpc(*episode_.end, context_));
  }

  grpc::CallbackServerContext& context_;
  const Episode& episode_;
  std::size_t next_ = 0;
};

class Telemetry final : public telemetry::TelemetryService::WithCallbackMethod_Subscribe<
                            telemetry::TelemetryService::Service> {
 public:
  Telemetry(const CollectorScript& script, Records& records) : script_(script), records_(records) {}

  grpc::Status GetSnapshot(grpc::ServerContext* /*context*/, const MetricsRequest* request,
                           MetricsResponse* response) override {
    if (request->service_name() != script_.snapshot.service_name()) {
      return {grpc::StatusCode::NOT_FOUND, "device " + request->service_name() + " was never seen"};
    }
    *response = script_.snapshot;
    return grpc::Status::OK;
  }

  grpc::ServerWriteReactor<MetricsResponse>* Subscribe(grpc::CallbackServerContext* context,
                                                       const MetricsRequest* request) override {
    const std::scoped_lock lock(records_.mutex);
    const std::size_t last = script_.episodes.size() - 1;
    const Episode& episode = script_.episodes[std::min(records_.subscribes.size(), last)];
    records_.subscribes.push_back(*request);
    return new EpisodePlayer(*context, episode);  // Deletes itself in OnDone().
  }

 private:
  const CollectorScript& script_;
  Records& records_;
};

class Fleet final : public FleetService::Service {
 public:
  Fleet(const CollectorScript& script, Records& records) : script_(script), records_(records) {}
  grpc::Status ListDevices(grpc::ServerContext* /*context*/, const ListDevicesRequest* /*request*/,
                           grpc::ServerWriter<Device>* writer) override {
    for (const Device& device : script_.devices) writer->Write(device);
    return grpc::Status::OK;
  }
  grpc::Status GetHistory(grpc::ServerContext* context, const HistoryRequest* request,
                          grpc::ServerWriter<HistoryResponse>* writer) override {
    for (const HistoryResponse& response : script_.history) writer->Write(response);
    const std::scoped_lock lock(records_.mutex);
    records_.history = *request;
    return script_.history_end ? ToGrpc(*script_.history_end, *context) : grpc::Status::OK;
  }
  grpc::Status Backup(grpc::ServerContext* context, const BackupRequest* /*request*/,
                      grpc::ServerWriter<BackupResponse>* writer) override {
    for (const BackupResponse& response : script_.backup) writer->Write(response);
    return script_.backup_end ? ToGrpc(*script_.backup_end, *context) : grpc::Status::OK;
  }

 private:
  const CollectorScript& script_;
  Records& records_;
};

class Uploads final : public fileupload::FileUploadService::Service {
 public:
  Uploads(const CollectorScript& script, Records& records) : script_(script), records_(records) {}
  grpc::Status Upload(grpc::ServerContext* /*context*/,
                      grpc::ServerReader<fileupload::FileChunk>* reader,
                      fileupload::UploadResponse* response) override {
    edgefeed::Upload upload;
    fileupload::FileChunk chunk;
    while (!chunk.is_last()) {
      if (!reader->Read(&chunk)) return {grpc::StatusCode::ABORTED, "ended early"};
      if (chunk.chunk_index() != upload.chunks) return {grpc::StatusCode::INVALID_ARGUMENT, "gap"};
      if (script_.refuse_chunk == chunk.chunk_index()) {
        return {grpc::StatusCode::RESOURCE_EXHAUSTED,
                "disk full at chunk 3 of " + chunk.filename()};
      }
      upload.name = chunk.filename();
      upload.data += chunk.data();
      ++upload.chunks;
    }
    response->set_filename(upload.name);
    response->set_total_bytes(script_.claimed_bytes.value_or(upload.data.size()));
    response->set_total_chunks(upload.chunks);
    response->set_success(true);
    response->set_message("kept as /uploads/" + upload.name);
    const std::scoped_lock lock(records_.mutex);
    records_.upload = std::move(upload);
    return grpc::Status::OK;
  }

 private:
  const CollectorScript& script_;
  Records& records_;
};

}  // namespace

struct FakeCollector::Impl {
  explicit Impl(CollectorScript given) : script(std::move(given)) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&telemetry);
    builder.RegisterService(&fleet);
    builder.RegisterService(&uploads);
    server = builder.BuildAndStart();
  }

  CollectorScript script;
  mutable Records records;
  Telemetry telemetry{script, records};
  Fleet fleet{script, records};
  Uploads uploads{script, records};
  int port = 0;
  std::unique_ptr<grpc::Server> server;
};

FakeCollector::FakeCollector(CollectorScript script)
    : impl_(std::make_unique<Impl>(std::move(script))) {}

FakeCollector::~FakeCollector() { impl_->server->Shutdown(std::chrono::system_clock::now()); }

std::string FakeCollector::address() const { return "127.0.0.1:" + std::to_string(impl_->port); }

std::string FakeCollector::uploaded_name() const {
  const std::scoped_lock lock(impl_->records.mutex);
  return impl_->records.upload.name;
}

std::string FakeCollector::uploaded_data() const {
  const std::scoped_lock lock(impl_->records.mutex);
  return impl_->records.upload.data;
}

std::uint32_t FakeCollector::uploaded_chunks() const {
  const std::scoped_lock lock(impl_->records.mutex);
  return impl_->records.upload.chunks;
}

std::vector<MetricsRequest> FakeCollector::subscribe_requests() const {
  const std::scoped_lock lock(impl_->records.mutex);
  return impl_->records.subscribes;
}

HistoryRequest FakeCollector::history_request() const {
  const std::scoped_lock lock(impl_->records.mutex);
  return impl_->records.history;
}

}  // namespace edgefeed
