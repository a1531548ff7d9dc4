// Health, readiness and reflection, as an orchestrator or grpc_cli uses them. Raw messages: their
// protos are not ours.

#include <doctest/doctest.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/support/byte_buffer.h>

#include <chrono>
#include <csignal>
#include <optional>
#include <string>

#include "tests/e2e/client.h"
#include "tests/e2e/rig.h"

namespace edgefeed::e2e {
namespace {

using namespace std::chrono_literals;

// One call whose messages are bytes.
class RawCall {
 public:
  RawCall(const std::shared_ptr<grpc::Channel>& channel, const std::string& method)
      : stub_(channel) {
    context_.set_deadline(std::chrono::system_clock::now() + kPatience);
    stream_ = stub_.PrepareCall(&context_, method, &queue_);
    stream_->StartCall(this);
    REQUIRE(Next());
  }
  ~RawCall() {
    context_.TryCancel();
    grpc::Status status;
    stream_->Finish(&status, this);
    Next();
    queue_.Shutdown();
  }
  RawCall(const RawCall&) = delete;
  RawCall& operator=(const RawCall&) = delete;

  void Write(const std::string& bytes) {
    const grpc::Slice slice(bytes);
    stream_->Write(grpc::ByteBuffer(&slice, 1), this);
    REQUIRE(Next());
  }

  // Nothing when the call has ended.
  std::optional<std::string> Read() {
    grpc::ByteBuffer buffer;
    stream_->Read(&buffer, this);
    grpc::Slice slice;
    if (!Next() || !buffer.DumpToSingleSlice(&slice).ok()) return std::nullopt;
    return std::string(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }

 private:
  bool Next() {
    void* tag = nullptr;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
};

// HealthCheckResponse.status.
const std::string kServing = "\x08\x01";
const std::string kNotServing = "\x08\x02";

TEST_CASE("health says SERVING, and NOT_SERVING while the collector drains") {
  RunningCollector collector;
  const auto channel = Connect(collector.address());
  RawCall check(channel, "/grpc.health.v1.Health/Check");
  check.Write("");
  CHECK(check.Read() == kServing);
  CHECK(HttpGet(collector.http_port(), "/readyz").value_or("").find(" 200 ") != std::string::npos);
  RawCall watch(channel, "/grpc.health.v1.Health/Watch");
  watch.Write("");
  CHECK(watch.Read() == kServing);

  // Something to wait for: an upload that is not done.
  grpc::ClientContext context;
  fileupload::UploadResponse response;
  const auto stub = fileupload::FileUploadService::NewStub(channel);
  const auto writer = stub->Upload(&context, &response);
  fileupload::FileChunk chunk;
  chunk.set_filename("last.bin");
  chunk.set_data("first half, ");
  REQUIRE(writer->Write(chunk));
  REQUIRE(Await([&] { return collector.Metric("edgefeed_collector_upload_bytes_total") > 0; }));

  collector.program().Signal(SIGTERM);

  CHECK(watch.Read() == kNotServing);
  const std::string ready = HttpGet(collector.http_port(), "/readyz").value_or("");
  CHECK(ready.find(" 503 ") != std::string::npos);
  CHECK(ready.find("draining") != std::string::npos);
  chunk.set_data("second half");
  chunk.set_chunk_index(1);
  chunk.set_is_last(true);
  CHECK(writer->Write(chunk));
  CHECK(writer->Finish().ok());
  CHECK(collector.program().Wait(kPatience) == 0);
  CHECK(collector.VisibleUploads().size() == 1);
}

TEST_CASE("reflection lists the services") {
  RunningCollector collector;
  RawCall call(Connect(collector.address()),
               "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo");
  call.Write("\x3a\x01\x2a");  // list_services: "*"
  const std::string services = call.Read().value_or("");
  for (const char* name : {"telemetry.TelemetryService", "fileupload.FileUploadService",
                           "edgefeed.FleetService", "grpc.health.v1.Health"}) {
    CHECK(services.find(name) != std::string::npos);
  }
}

}  // namespace
}  // namespace edgefeed::e2e
