#include "agent/rpc/grpc_transport.h"

#include <grpcpp/grpcpp.h>

#include <string_view>
#include <utility>

#include "agent/rpc/trouble.h"
#include "common/rpc/credentials.h"
#include "common/rpc/grpc_process.h"
#include "common/rpc/status.h"
#include "common/rpc/tls_sessions.h"
#include "common/runtime/strand.h"
#include "common/wire/payload_encoder.h"
#include "common/wire/response.h"
#include "telemetry.grpc.pb.h"

namespace edgefeed {
namespace {

using telemetry::AlertResponse;
using telemetry::MetricsPayload;

struct TlsUse {
  bool used = false;
  std::string_view hangup_hint;  // What to say if the other side hangs up before it has answered.
};

// One LiveFeed as gRPC sees it. Reactions post to the strand; everything else runs there. Deletes
// itself when gRPC is done with it, which may be after the Connection has gone.
class FeedCall final : public grpc::ClientBidiReactor<MetricsPayload, AlertResponse> {
 public:
  FeedCall(Strand& strand, const std::shared_ptr<grpc::Channel>& channel, PayloadEncoder encoder,
           TlsUse tls, ConnectionEvents& events, std::function<void()> on_deleted)
      : strand_(strand),
        tls_(tls),
        channel_(channel),
        stub_(telemetry::TelemetryService::NewStub(channel)),
        encoder_(std::move(encoder)),
        events_(&events),
        on_deleted_(std::move(on_deleted)) {}

  void Start() {
    context_.AddMetadata(std::string(kFeaturesKey), ToString(kAllFeatures));
    stub_->async()->LiveFeed(&context_, this);
    AddHold();  // Writes start outside reactions; see Release().
    StartRead(&response_);
    StartCall();
  }

  void SendOriginal(const Sample& sample) {
    encoder_.EncodeOriginal(sample, payload_);
    Write();
  }

  void SendHello(std::span<const StreamPosition> held, std::chrono::milliseconds speaks_every) {
    encoder_.EncodeHello(held, speaks_every, payload_);
    Write();
  }

  void SetInfo(DeviceInfo info) { encoder_.SetInfo(std::move(info)); }

  void SendBatch(const SampleBatch& batch) {
    encoder_.EncodeBatch(batch.samples, batch.backlog, payload_);
    Write();
  }

  void SendPing() {
    encoder_.EncodePing(payload_);
    Write();
  }

  void TakeAlerts(std::uint64_t number) { encoder_.SetAlertsTaken(number); }

  void HalfClose() {
    if (!released_) StartWritesDone();
  }

  [[nodiscard]] bool established() const { return channel_->GetState(false) == GRPC_CHANNEL_READY; }

  // No more events; ends the call if it has not ended.
  void Abandon() {
    events_ = nullptr;
    context_.TryCancel();
  }

  void OnReadInitialMetadataDone(bool ok) override {
    strand_.Post([this, ok] { HandleAnswer(ok); });
  }
  void OnReadDone(bool ok) override {
    strand_.Post([this, ok] { HandleRead(ok); });
  }
  void OnWriteDone(bool ok) override {
    strand_.Post([this, ok] {
      if (ok && events_ != nullptr) events_->OnSent();
    });
  }
  void OnDone(const grpc::Status& status) override {
    strand_.Post([this, status] { HandleDone(status); });
  }

 private:
  void Write() {
    if (!released_) StartWrite(&payload_);
  }

  // gRPC keeps the call for us until here: nothing may be started afterwards.
  void Release() {
    if (!std::exchange(released_, true)) RemoveHold();
  }

  void HandleAnswer(bool ok) {
    if (!ok || events_ == nullptr) return;
    answered_ = true;
    const auto& metadata = context_.GetServerInitialMetadata();
    const auto found = metadata.find(grpc::string_ref(kFeaturesKey.data(), kFeaturesKey.size()));
    Features features;
    if (found != metadata.end()) {
      features = ParseFeatures({found->second.data(), found->second.size()});
    }
    events_->OnAnswered(features);
  }

  void HandleRead(bool ok) {
    if (!ok) return Release();
    if (events_ != nullptr) events_->OnReply(FromWire(response_));
    StartRead(&response_);
  }

  void HandleDone(const grpc::Status& status) {
    if (events_ != nullptr) TellWhy(status);
    const auto on_deleted = std::move(on_deleted_);
    delete this;
    on_deleted();
  }

  void TellWhy(const grpc::Status& status) {
    if (status.ok()) {
      return events_->OnClosed({Code::kUnavailable, "the collector ended the feed"},
                               Trouble::kRefused);
    }
    CallEnd end{.why = FromGrpc(status, context_),
                .from_peer = context_.debug_error_string().find("Error received from peer") !=
                             std::string::npos,
                .answered = answered_,
                .uses_tls = tls_.used};
    const Trouble trouble = TroubleOf(end);
    if (HungUp(end)) end.why.message += tls_.hangup_hint;
    events_->OnClosed(end.why, trouble);
  }

  Strand& strand_;
  TlsUse tls_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<telemetry::TelemetryService::Stub> stub_;
  grpc::ClientContext context_;
  PayloadEncoder encoder_;
  ConnectionEvents* events_;  // Null once the Connection has gone.
  std::function<void()> on_deleted_;
  MetricsPayload payload_;  // Lives here because gRPC reads it until OnWriteDone.
  AlertResponse response_;
  bool answered_ = false;
  bool released_ = false;
};

// What the feed holds. The call may outlive it.
class CallConnection final : public Connection {
 public:
  explicit CallConnection(std::shared_ptr<FeedCall*> call) : call_(std::move(call)) {}
  ~CallConnection() override {
    if (*call_ != nullptr) (*call_)->Abandon();
  }
  CallConnection(const CallConnection&) = delete;
  CallConnection& operator=(const CallConnection&) = delete;

  void SendOriginal(const Sample& sample) override {
    if (*call_ != nullptr) (*call_)->SendOriginal(sample);
  }
  void SendHello(std::span<const StreamPosition> held,
                 std::chrono::milliseconds speaks_every) override {
    if (*call_ != nullptr) (*call_)->SendHello(held, speaks_every);
  }
  void SendBatch(const SampleBatch& batch) override {
    if (*call_ != nullptr) (*call_)->SendBatch(batch);
  }
  void SendPing() override {
    if (*call_ != nullptr) (*call_)->SendPing();
  }
  void TakeAlerts(std::uint64_t number) override {
    if (*call_ != nullptr) (*call_)->TakeAlerts(number);
  }
  [[nodiscard]] bool established() const override {
    return *call_ != nullptr && (*call_)->established();
  }
  void HalfClose() override {
    if (*call_ != nullptr) (*call_)->HalfClose();
  }

 private:
  std::shared_ptr<FeedCall*> call_;  // Null when the call has deleted itself.
};

grpc::ChannelArguments FeedArguments(std::chrono::milliseconds keepalive) {
  grpc::ChannelArguments arguments;
  // Otherwise channels to the same address share a connection, and its reconnect timer.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  // At a payload a second each would be answered by a bandwidth probe: a third of the CPU.
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  // Turns on TCP_USER_TIMEOUT: data that nobody acknowledges breaks the connection after 20 s, with
  // an original server too.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, static_cast<int>(keepalive.count()));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  // Both within the feed's time for a connection, so that gRPC has told by then what did not work.
  arguments.SetInt(GRPC_ARG_DNS_ARES_QUERY_TIMEOUT_MS, 10'000);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 15'000);
  return arguments;
}

TlsUse UseOf(const TlsPem* tls) {
  if (tls == nullptr) return {.used = false, .hangup_hint = " (does it expect TLS?)"};
  if (!tls->cert.empty()) return {.used = true, .hangup_hint = " (does it believe tls.cert?)"};
  return {.used = true,
          .hangup_hint = " (does it want a client certificate, tls.cert and tls.key?)"};
}

}  // namespace

struct GrpcTransport::Impl {
  Strand& strand;
  Identity identity;
  const SeriesTable& series;
  std::shared_ptr<const SharedTls> tls;
  std::chrono::milliseconds keepalive;
  TlsSessions sessions = {};
  int calls = 0;
  std::shared_ptr<FeedCall*> last_call;  // Null, or of null, when there is none.
  std::function<void()> when_idle;
};

GrpcTransport::GrpcTransport(Strand& strand, Identity identity, const SeriesTable& series,
                             std::shared_ptr<const SharedTls> tls,
                             std::chrono::milliseconds keepalive) {
  PrepareGrpc();
  impl_ =
      std::make_unique<Impl>(Impl{strand, std::move(identity), series, std::move(tls), keepalive});
}

GrpcTransport::~GrpcTransport() = default;

std::unique_ptr<Connection> GrpcTransport::Open(const Endpoint& collector,
                                                ConnectionEvents& events) {
  const auto pem = impl_->tls ? impl_->tls->Get() : nullptr;
  grpc::ChannelArguments arguments = FeedArguments(impl_->keepalive);
  impl_->sessions.AddTo(arguments, pem);
  const auto channel =
      grpc::CreateCustomChannel(ToString(collector), ClientCredentials(pem.get()), arguments);
  auto handle = std::make_shared<FeedCall*>(nullptr);
  ++impl_->calls;
  *handle = new FeedCall(  // Deletes itself in HandleDone().
      impl_->strand, channel,
      PayloadEncoder(impl_->identity.device_name, impl_->identity.info, impl_->series),
      UseOf(pem.get()), events, [impl = impl_.get(), handle] {
        *handle = nullptr;
        if (--impl->calls == 0 && impl->when_idle) std::exchange(impl->when_idle, nullptr)();
      });
  impl_->last_call = handle;
  (*handle)->Start();
  return std::make_unique<CallConnection>(handle);
}

void GrpcTransport::SetInfo(DeviceInfo info) {
  impl_->identity.info = info;
  if (impl_->last_call && *impl_->last_call != nullptr) {
    (*impl_->last_call)->SetInfo(std::move(info));
  }
}

void GrpcTransport::WhenIdle(std::function<void()> done) {
  if (impl_->calls == 0) return done();
  impl_->when_idle = std::move(done);
}

}  // namespace edgefeed
