#include "ctl/rpc/grpc_client.h"

#include <grpc/support/log.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

#include "common/base/crc32c.h"
#include "common/rpc/credentials.h"
#include "common/rpc/status.h"
#include "ctl/explain.h"
#include "ctl/rpc/alert_client.h"
#include "ctl/rpc/deadline.h"
#include "ctl/rpc/dump_client.h"
#include "ctl/rpc/messages.h"
#include "ctl/rpc/subscription.h"
#include "ctl/rpc/token_header.h"
#include "fileupload.grpc.pb.h"
#include "fleet.grpc.pb.h"
#include "telemetry.grpc.pb.h"

namespace edgefeed {
namespace {

grpc::ChannelArguments ChannelArguments(Traffic traffic) {
  grpc::ChannelArguments arguments;
  // Each lonely message would be answered by a bandwidth probe; an upload needs the windows it
  // opens.
  if (traffic == Traffic::kLight) arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 500);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5'000);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS,
                   10'000);  // The longest wait for a connection.
  // Turns on TCP_USER_TIMEOUT; the pings themselves stay below what any server tolerates (5 min).
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 330'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  return arguments;
}

// Errors are reported once, by us. GRPC_VERBOSITY brings gRPC's own lines back.
void QuietGrpc() {
  if (std::getenv("GRPC_VERBOSITY") != nullptr) return;  // NOLINT(concurrency-mt-unsafe)
  gpr_set_log_function([](gpr_log_func_args*) {});
}

HistoryRequest ToWire(const PastQuery& query) {
  HistoryRequest request;
  request.set_service_name(query.device);
  request.set_metric(query.metric);
  for (const Label& label : query.labels) {
    auto* added = request.add_labels();
    added->set_name(label.name);
    added->set_value(label.value);
  }
  request.set_from_ms(UnixMillis(query.from));
  request.set_to_ms(UnixMillis(query.to));
  request.set_step_ms(static_cast<std::uint64_t>(query.step.count()));
  return request;
}

class GrpcClient final : public CollectorClient {
 public:
  GrpcClient(const ClientOptions& options,
             const std::shared_ptr<grpc::ChannelCredentials>& credentials)
      : options_(options),
        channel_(grpc::experimental::CreateCustomChannelWithInterceptors(
            ToString(options.collector), credentials, ChannelArguments(options.traffic),
            ShowToken(options.token))),
        fleet_(FleetService::NewStub(channel_)),
        telemetry_(telemetry::TelemetryService::NewStub(channel_)),
        uploads_(fileupload::FileUploadService::NewStub(channel_)),
        dumps_(MakeGrpcDumpClient(channel_, options)),
        alerts_(MakeGrpcAlertClient(channel_, options)) {}

  Result<std::vector<DeviceEntry>> ListDevices() override {
    grpc::ClientContext context;
    SetDeadline(context, options_.timeout);
    const auto reader = fleet_->ListDevices(&context, {});
    std::vector<DeviceEntry> devices;
    for (Device device; reader->Read(&device);) devices.push_back(FromWire(device, options_.json));
    if (const grpc::Status status = reader->Finish(); !status.ok()) return Failure(status, context);
    return devices;
  }

  Result<DeviceSample> GetSnapshot(const std::string& device) override {
    grpc::ClientContext context;
    SetDeadline(context, options_.timeout);
    telemetry::MetricsRequest request;
    request.set_service_name(device);
    request.set_detail(telemetry::MetricsRequest::READINGS);
    telemetry::MetricsResponse response;
    const grpc::Status status = telemetry_->GetSnapshot(&context, request, &response);
    if (!status.ok()) return Failure(status, context);
    return FromWire(response, options_.json);
  }

  Result<std::vector<PastSeries>> GetHistory(const PastQuery& query) override {
    grpc::ClientContext context;
    SetDeadline(context, options_.timeout);
    const auto reader = fleet_->GetHistory(&context, ToWire(query));
    std::vector<telemetry::Series> names;
    std::vector<PastSeries> past;
    for (HistoryResponse response; reader->Read(&response);) {
      if (response.has_series()) {
        names.push_back(response.series());
        past.push_back({.series = edgefeed::FromWire(response.series()), .values = {}});
      }
      const std::size_t number = response.series_number();
      if (number >= past.size()) {
        context.TryCancel();
        return Error{Code::kInternal, "the collector sends points of a series without a name"};
      }
      for (const HistoryPoint& point : response.points()) {
        past[number].values.push_back(FromWire(point, names[number], options_.json));
      }
    }
    if (const grpc::Status status = reader->Finish(); !status.ok()) return Failure(status, context);
    std::ranges::sort(past, {}, &PastSeries::series);
    return past;
  }

  std::unique_ptr<Subscription> Subscribe(const SubscribeRequest& request, Scheduler& scheduler,
                                          SubscriptionEvents& events) override {
    return StartSubscription(FreshChannel(), request, options_, scheduler, events);
  }

  Result<UploadReply> Upload(const std::string& name, ChunkSource& source) override {
    grpc::ClientContext context;
    fileupload::UploadResponse response;
    const auto writer = uploads_->Upload(&context, &response);
    const Status sent = SendAll(name, source, *writer);
    if (!sent) context.TryCancel();
    writer->WritesDone();
    const grpc::Status status = writer->Finish();
    if (!sent) return sent.error();
    if (!status.ok()) return Failure(status, context);
    return FromWire(response, options_.json);
  }

  Result<UploadStep> BeginUpload(const SegmentedFile& file,
                                 std::chrono::milliseconds patience) override {
    grpc::ClientContext context;
    context.set_wait_for_ready(patience.count() > 0);
    SetDeadline(context, std::max(patience, options_.timeout));
    fileupload::BeginUploadRequest request;
    request.set_upload_id(file.upload_id);
    request.set_filename(file.name);
    request.set_size_bytes(file.size_bytes);
    request.set_sha256(std::string(BytesOf(file.sha256)));
    fileupload::UploadResponse response;
    const grpc::Status status = uploads_->BeginUpload(&context, request, &response);
    if (!status.ok()) return Failure(status, context);
    return StepFromWire(response, options_.json);
  }

  Result<UploadStep> UploadSegment(const SegmentedFile& file, const FileSegment& segment,
                                   ChunkSource& source) override {
    grpc::ClientContext context;
    fileupload::UploadResponse response;
    const auto writer = uploads_->Upload(&context, &response);
    const Status sent = SendSegment(file, segment, source, *writer);
    if (!sent) context.TryCancel();
    writer->WritesDone();
    const grpc::Status status = writer->Finish();
    if (!sent) return sent.error();
    if (!status.ok()) return Failure(status, context);
    return StepFromWire(response, options_.json);
  }

  Status AbortUpload(const SegmentedFile& file) override {
    grpc::ClientContext context;
    SetDeadline(context, options_.timeout);
    fileupload::AbortUploadRequest request;
    request.set_upload_id(file.upload_id);
    fileupload::UploadResponse response;
    const grpc::Status status = uploads_->AbortUpload(&context, request, &response);
    return status.ok() ? Status() : Failure(status, context);
  }

  Result<BackupAmount> Backup(BackupSink& sink) override {
    grpc::ClientContext context;
    const auto reader = fleet_->Backup(&context, {});
    std::optional<BackupAmount> sent;
    Status taken;
    for (BackupResponse response; taken && reader->Read(&response);) {
      if (response.has_plan()) sink.Expect({response.plan().files(), response.plan().bytes()});
      if (response.has_chunk()) taken = TakeChunk(*response.mutable_chunk(), sink);
      if (response.has_end()) sent = {response.end().files(), response.end().bytes()};
    }
    if (!taken) context.TryCancel();
    const grpc::Status status = reader->Finish();
    if (!taken) return taken.error();
    if (!status.ok()) return Failure(status, context);
    if (!sent) return Error{Code::kDataLoss, "the collector did not say that this was all"};
    return *sent;
  }

  DumpClient& dumps() override { return *dumps_; }
  AlertClient& alerts() override { return *alerts_; }

 private:
  // A watch may come back after days, when the TLS files hold others. While they cannot be used,
  // it comes back with those of before.
  const std::shared_ptr<grpc::Channel>& FreshChannel() {
    if (!options_.tls) return channel_;
    if (const auto credentials = ClientCredentials(options_.tls)) {
      watch_channel_ = grpc::CreateCustomChannel(ToString(options_.collector), *credentials,
                                                 ChannelArguments(options_.traffic));
    }
    return watch_channel_ ? watch_channel_ : channel_;
  }

  static Status TakeChunk(BackupChunk& chunk, BackupSink& sink) {
    if (Crc32c(chunk.data()) != chunk.crc32c()) {
      return Error{Code::kDataLoss, chunk.path() + ": bytes have changed on the way"};
    }
    return sink.Take({.path = chunk.path(),
                      .file_bytes = chunk.file_bytes(),
                      .offset = chunk.offset(),
                      .data = std::move(*chunk.mutable_data())});
  }

  [[nodiscard]] Error Failure(const grpc::Status& status,
                              const grpc::ClientContext& context) const {
    return Explain(FromGrpc(status, context), options_.collector);
  }

  // An error is the source's. A write that fails ends it early: Finish() knows why.
  static Status SendAll(const std::string& name, ChunkSource& source,
                        grpc::ClientWriter<fileupload::FileChunk>& writer) {
    fileupload::FileChunk message;
    message.set_filename(name);
    for (std::uint32_t index = 0; !message.is_last(); ++index) {
      auto chunk = source.Next();
      if (!chunk) return chunk.error();
      message.set_data(std::move(chunk->data));
      message.set_chunk_index(index);
      message.set_is_last(chunk->is_last);
      if (!writer.Write(message)) break;
    }
    return {};
  }

  // The same for a segment, which may end before the file does.
  static Status SendSegment(const SegmentedFile& file, const FileSegment& segment,
                            ChunkSource& source,
                            grpc::ClientWriter<fileupload::FileChunk>& writer) {
    fileupload::FileChunk message;
    message.set_filename(file.name);
    message.mutable_ticket()->set_upload_id(file.upload_id);
    message.mutable_ticket()->set_epoch(segment.epoch);
    for (std::uint64_t offset = segment.begin;;) {
      auto chunk = source.Next();
      if (!chunk) return chunk.error();
      const std::uint64_t end = offset + chunk->data.size();
      message.set_offset(offset);
      message.set_crc32c(Crc32c(chunk->data));
      message.set_data(std::move(chunk->data));
      message.set_is_last(end == file.size_bytes);
      if (!writer.Write(message) || chunk->is_last) return {};
      message.clear_filename();
      message.clear_ticket();
      offset = end;
    }
  }

  ClientOptions options_;
  std::shared_ptr<grpc::Channel> channel_;
  std::shared_ptr<grpc::Channel> watch_channel_;  // Null: none yet.
  std::unique_ptr<FleetService::Stub> fleet_;
  std::unique_ptr<telemetry::TelemetryService::Stub> telemetry_;
  std::unique_ptr<fileupload::FileUploadService::Stub> uploads_;
  std::unique_ptr<DumpClient> dumps_;
  std::unique_ptr<AlertClient> alerts_;
};

}  // namespace

Result<std::unique_ptr<CollectorClient>> MakeGrpcClient(const ClientOptions& options) {
  QuietGrpc();
  const auto credentials = ClientCredentials(options.tls);
  if (!credentials) return credentials.error().Wrap("tls");
  return std::unique_ptr<CollectorClient>(std::make_unique<GrpcClient>(options, *credentials));
}

}  // namespace edgefeed
