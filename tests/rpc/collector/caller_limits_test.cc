// What one caller may have open at once, of a whole collector with real certificates.
#include <doctest/doctest.h>
#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "alerts.grpc.pb.h"
#include "collector/app/app.h"
#include "common/rpc/credentials.h"
#include "fileupload.grpc.pb.h"
#include "telemetry.grpc.pb.h"
#include "tests/support/free_port.h"
#include "tests/support/real_time.h"
#include "tests/support/test_authority.h"
#include "tests/unit/collector/http/http_client.h"

namespace edgefeed {
namespace {

using grpc::StatusCode;
using telemetry::AlertResponse;
using telemetry::MetricsPayload;
using telemetry::TelemetryService;
using namespace std::chrono_literals;

// A collector as configured by default, but for what its devices may upload, and how often they may
// call: tests call as often as they can.
class LimitedCollector {
 public:
  LimitedCollector() {
    CollectorConfig config;
    config.limits.callers.device_calls_per_second = 20;
    config.uploads.device_rate = KiB(64);
    config.uploads.device_quota = KiB(700);
    config.listen.port = port_;
    config.tls = authority_.Issue("server", "IP:127.0.0.1");
    config.http.listen.port = http_port_;
    config.data_dir = home_.path() / "data";
    auto started = CollectorApp::Start(config);
    REQUIRE(started);
    app_ = std::move(*started);
  }

  // A connection of whoever these names are: "URI:edgefeed://device/a".
  [[nodiscard]] std::shared_ptr<grpc::Channel> Connect(const std::string& file,
                                                       const std::string& names) const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port_),
                                     *ClientCredentials(authority_.Issue(file, names)), arguments);
  }
  [[nodiscard]] std::shared_ptr<grpc::Channel> Device(const std::string& name) const {
    return Connect(name, "URI:edgefeed://device/" + name);
  }
  [[nodiscard]] std::shared_ptr<grpc::Channel> Person(const std::string& role,
                                                      const std::string& name) const {
    return Connect(name, "URI:edgefeed://" + role + "/" + name);
  }

  // How often /metrics says that this limit was reached.
  [[nodiscard]] std::string Refused(const std::string& limit) const {
    return Metric("edgefeed_collector_caller_limit_refused_total{limit=\"" + limit + "\"}");
  }
  [[nodiscard]] std::string Metric(const std::string& name) const {
    const std::string line = "\n" + name + " ";
    const std::string page = HttpTestClient(http_port_).Get("/metrics").body;
    const auto at = page.find(line);
    if (at == std::string::npos) return "not there";
    const auto value = at + line.size();
    return page.substr(value, page.find('\n', value) - value);
  }

 private:
  TempDir home_;
  TestAuthority authority_;
  const std::uint16_t port_ = FreePort();
  const std::uint16_t http_port_ = FreePort();
  std::unique_ptr<CollectorApp> app_;
};

// What a refused client is told, in gRPC's own words.
std::string RetryPushback(const grpc::ClientContext& context) {
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto found = trailers.find("grpc-retry-pushback-ms");
  return found == trailers.end() ? "nothing"
                                 : std::string(found->second.data(), found->second.size());
}

// One feed, which says nothing. It is known at once whether it was let in: only then there are
// metadata.
class OpenFeed {
 public:
  explicit OpenFeed(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(TelemetryService::NewStub(channel)) {
    context_.AddMetadata("edgefeed-features", "batches");
    stream_ = stub_->LiveFeed(&context_);
    stream_->WaitForInitialMetadata();
    is_open_ = context_.GetServerInitialMetadata().contains("edgefeed-features");
  }
  ~OpenFeed() {
    context_.TryCancel();
    if (stream_) End();
  }
  OpenFeed(const OpenFeed&) = delete;
  OpenFeed& operator=(const OpenFeed&) = delete;

  [[nodiscard]] bool is_open() const { return is_open_; }
  [[nodiscard]] const grpc::ClientContext& context() const { return context_; }
  grpc::Status End() {
    stream_->WritesDone();
    AlertResponse response;
    while (stream_->Read(&response)) {
    }
    const grpc::Status status = stream_->Finish();
    stream_.reset();
    return status;
  }

 private:
  std::unique_ptr<TelemetryService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<MetricsPayload, AlertResponse>> stream_;
  bool is_open_ = false;
};

using Feeds = std::vector<std::unique_ptr<OpenFeed>>;

// Opens feeds until one is refused, or `most`.
std::size_t Open(const std::shared_ptr<grpc::Channel>& channel, std::size_t most, Feeds& feeds) {
  for (std::size_t opened = 0; opened < most; ++opened) {
    auto feed = std::make_unique<OpenFeed>(channel);
    if (!feed->is_open()) return opened;
    feeds.push_back(std::move(feed));
  }
  return most;
}

TEST_CASE("the ninth feed of a device is refused and counted, and nobody else is affected") {
  const LimitedCollector collector;
  const auto cam = collector.Device("cam-1");
  Feeds feeds;
  REQUIRE(Open(cam, 8, feeds) == 8);
  CHECK(collector.Refused("feeds_per_caller") == "0");

  OpenFeed ninth(cam);
  CHECK_FALSE(ninth.is_open());
  const grpc::Status refused = ninth.End();
  CHECK(refused.error_code() == StatusCode::RESOURCE_EXHAUSTED);
  CHECK(refused.error_message().starts_with("device 'cam-1' (certificate "));
  CHECK(refused.error_message().ends_with(") has 8 feeds open already (limits.feeds_per_caller)"));
  CHECK(RetryPushback(ninth.context()) == "10000");
  CHECK(collector.Refused("feeds_per_caller") == "1");

  Feeds others;
  CHECK(Open(collector.Device("cam-2"), 8, others) == 8);
  // Nor are the device's other calls.
  grpc::ClientContext context;
  telemetry::MetricsRequest request;
  request.set_service_name("cam-1");
  telemetry::MetricsResponse response;
  CHECK(TelemetryService::NewStub(cam)->Subscribe(&context, request)->Finish().error_code() ==
        StatusCode::NOT_FOUND);
}

TEST_CASE("a feed that ends leaves its place to the next one, however it ends") {
  const LimitedCollector collector;
  const auto cam = collector.Device("cam-1");
  Feeds feeds;
  REQUIRE(Open(cam, 8, feeds) == 8);
  for (int i = 0; i < 20; ++i) {
    CAPTURE(i);
    // Its end is not told before the place is free.
    CHECK(feeds.front()->End().ok());
    feeds.erase(feeds.begin());
    CHECK(Open(cam, 1, feeds) == 1);
  }
  feeds.pop_back();  // Breaks off, of which the collector hears some time later.
  while (Open(cam, 1, feeds) == 0) {
  }
  CHECK(Open(cam, 1, feeds) == 0);
}

TEST_CASE("a new certificate of the same device has no places of its own; a gateway's has more") {
  const LimitedCollector collector;
  Feeds feeds;
  CHECK(Open(collector.Connect("first", "URI:edgefeed://device/a"), 9, feeds) == 8);
  CHECK(Open(collector.Connect("renewed", "URI:edgefeed://device/a"), 1, feeds) == 0);
  CHECK(Open(collector.Connect("gateway", "URI:edgefeed://device/b,URI:edgefeed://device/c"), 20,
             feeds) == 16);
}

// A subscription to the fleet, which is let in when it is answered.
struct Subscriber {
  explicit Subscriber(const std::shared_ptr<grpc::Channel>& channel)
      : stub(TelemetryService::NewStub(channel)), reader(stub->Subscribe(&context, {})) {}
  ~Subscriber() {
    context.TryCancel();
    reader->Finish();
  }
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  std::unique_ptr<TelemetryService::Stub> stub;
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReader<telemetry::MetricsResponse>> reader;
};

TEST_CASE("a person has places for 64 readers, of whatever they read") {
  const LimitedCollector collector;
  const auto vic = collector.Person("viewer", "vic");
  std::vector<std::unique_ptr<Subscriber>> subscribers;
  for (int i = 0; i < 64; ++i) {
    subscribers.push_back(std::make_unique<Subscriber>(vic));
    subscribers.back()->reader->WaitForInitialMetadata();
  }

  grpc::ClientContext context;
  const grpc::Status refused =
      AlertService::NewStub(vic)->WatchAlerts(&context, WatchAlertsRequest())->Finish();
  CHECK(refused.error_code() == StatusCode::RESOURCE_EXHAUSTED);
  CHECK(
      refused.error_message().ends_with("64 readers open already (limits.subscribers_per_caller)"));
  CHECK(RetryPushback(context) == "10000");
  CHECK(collector.Refused("subscribers_per_caller") == "1");

  grpc::ClientContext other;
  const auto kim = AlertService::NewStub(collector.Person("viewer", "kim"));
  const auto watch = kim->WatchAlerts(&other, WatchAlertsRequest());
  WatchAlertsResponse complete;
  CHECK(watch->Read(&complete));
  other.TryCancel();
  CHECK(watch->Finish().error_code() == StatusCode::CANCELLED);
}

// An upload of which one byte has come.
struct OpenUpload {
  explicit OpenUpload(const std::shared_ptr<grpc::Channel>& channel)
      : stub(fileupload::FileUploadService::NewStub(channel)),
        writer(stub->Upload(&context, &response)) {
    chunk.set_filename("file");
    chunk.set_data("x");
    writer->Write(chunk);
  }
  grpc::Status End() {
    chunk.set_chunk_index(1);
    chunk.set_is_last(true);
    writer->Write(chunk);
    writer->WritesDone();
    return writer->Finish();
  }

  std::unique_ptr<fileupload::FileUploadService::Stub> stub;
  grpc::ClientContext context;
  fileupload::UploadResponse response;
  fileupload::FileChunk chunk;
  std::unique_ptr<grpc::ClientWriter<fileupload::FileChunk>> writer;
};

TEST_CASE("a person has places for eight uploads") {
  const LimitedCollector collector;
  const auto kim = collector.Person("operator", "kim");
  std::vector<std::unique_ptr<OpenUpload>> uploads;
  for (int i = 0; i < 8; ++i) uploads.push_back(std::make_unique<OpenUpload>(kim));
  // A client does not hear that its upload was let in: the bytes that have come tell it.
  while (collector.Metric("edgefeed_collector_upload_bytes_total") != "8") LetPass(10ms);

  OpenUpload ninth(kim);
  const grpc::Status refused = ninth.End();
  CHECK(refused.error_code() == StatusCode::RESOURCE_EXHAUSTED);
  CHECK(
      refused.error_message().ends_with("has 8 uploads open already (limits.uploads_per_caller)"));
  CHECK(RetryPushback(ninth.context) == "10000");
  CHECK(collector.Refused("uploads_per_caller") == "1");
  CHECK(OpenUpload(collector.Person("operator", "vic")).End().ok());

  CHECK(uploads.front()->End().ok());
  CHECK(OpenUpload(kim).End().ok());
  for (std::size_t i = 1; i < uploads.size(); ++i) CHECK(uploads[i]->End().ok());
}

TEST_CASE("a device that calls without end is refused a while after each call, and no other is") {
  const LimitedCollector collector;
  const auto ask = [](const std::shared_ptr<grpc::Channel>& channel, const std::string& device,
                      grpc::ClientContext& context) {
    telemetry::MetricsRequest request;
    request.set_service_name(device);
    telemetry::MetricsResponse response;
    return TelemetryService::NewStub(channel)->GetSnapshot(&context, request, &response);
  };
  const auto cam = collector.Device("cam-1");
  grpc::Status refused;
  std::string pushback;
  std::chrono::steady_clock::duration took{};
  for (int i = 0; i < 10'000 && refused.error_code() != StatusCode::RESOURCE_EXHAUSTED; ++i) {
    grpc::ClientContext context;
    const auto before = std::chrono::steady_clock::now();
    refused = ask(cam, "cam-1", context);
    took = std::chrono::steady_clock::now() - before;
    pushback = RetryPushback(context);
  }
  CHECK(refused.error_message().starts_with("device 'cam-1' (certificate "));
  CHECK(refused.error_message().ends_with(
      ") calls more often than 20 times a second (limits.calls_per_second_and_device)"));
  CHECK(pushback == "1000");
  CHECK(took >= 1s);
  CHECK(collector.Metric("edgefeed_collector_calls_too_often_total") == "1");

  grpc::ClientContext other;
  CHECK(ask(collector.Device("cam-2"), "cam-2", other).error_code() == StatusCode::NOT_FOUND);
}

TEST_CASE("a device's upload over its rate is read no faster; a person's has no rate") {
  constexpr std::size_t kChunkBytes = std::size_t{16} << 10;
  constexpr int kChunks = 40;  // Of which 32 may come at once.
  const LimitedCollector collector;
  const auto upload = [](const std::shared_ptr<grpc::Channel>& channel) {
    OpenUpload file(channel);
    file.chunk.set_data(std::string(kChunkBytes, 'x'));
    for (int i = 1; i <= kChunks; ++i) {
      file.chunk.set_chunk_index(static_cast<std::uint32_t>(i));
      file.chunk.set_is_last(i == kChunks);
      file.writer->Write(file.chunk);
    }
    file.writer->WritesDone();
    return file.writer->Finish();
  };
  CHECK(upload(collector.Person("operator", "kim")).ok());
  CHECK(collector.Metric("edgefeed_collector_uploads_held_back_total") == "0");
  const auto before = std::chrono::steady_clock::now();
  const auto cam = collector.Device("cam-1");
  CHECK(upload(cam).ok());
  CHECK(std::chrono::steady_clock::now() - before >= 1s);
  CHECK(collector.Metric("edgefeed_collector_uploads_held_back_total") != "0");

  // Nor has it room for another one.
  const grpc::Status refused = upload(cam);
  CHECK(refused.error_code() == StatusCode::RESOURCE_EXHAUSTED);
  CHECK(refused.error_message().ends_with(
      "the device's 700.0 KiB are used up (uploads.device_quota)"));
  CHECK(upload(collector.Device("cam-2")).ok());
}

}  // namespace
}  // namespace edgefeed
