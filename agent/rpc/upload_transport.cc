#include "agent/rpc/upload_transport.h"

#include <grpcpp/grpcpp.h>

#include <utility>

#include "agent/rpc/upload_call.h"
#include "common/rpc/credentials.h"
#include "common/rpc/grpc_process.h"
#include "common/runtime/strand.h"
#include "common/wire/dump_info.h"

namespace edgefeed {
namespace {

using fileupload::FileUploadService;

grpc::ChannelArguments UploadArguments() {
  grpc::ChannelArguments arguments;
  // Otherwise channels to the same address share a connection, and its reconnect timer.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  // Turns on TCP_USER_TIMEOUT: data that nobody acknowledges breaks the connection after 20 s. The
  // pings themselves stay below what an original server tolerates (5 min).
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 330'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  return arguments;
}

// A plain name that no other dump has: an original server may write over a file of the same name.
std::string PlainName(const SealedDump& dump) {
  constexpr std::size_t kMostBytes = 255;
  std::string name = dump.id + "." + dump.filename;
  if (name.size() > kMostBytes) name = dump.id;
  return name;
}

}  // namespace

struct GrpcUploadTransport::Impl {
  Strand& strand;
  std::string device_name;
  std::shared_ptr<const SharedTls> tls;
  std::shared_ptr<grpc::Channel> channel;
  std::shared_ptr<FileUploadService::Stub> stub;
  UploadEvents* events = nullptr;
  UploadCall* call = nullptr;      // The one under way.
  UploadStream* stream = nullptr;  // The same, if it takes chunks.
  int calls = 0;                   // Abandoned ones, too.
  std::function<void()> when_idle;

  UploadCall::Terms NextCall() {
    ++calls;
    return {
        .strand = strand, .stub = stub, .events = *events, .on_ended = [this](UploadCall* ended) {
          if (ended == call) {
            call = nullptr;
            stream = nullptr;
          }
          if (--calls == 0 && when_idle) std::exchange(when_idle, nullptr)();
        }};
  }

  fileupload::UploadTicket Ticket(const SealedDump& dump, std::uint64_t epoch) const {
    fileupload::UploadTicket ticket;
    ticket.set_service_name(device_name);
    ticket.set_upload_id(dump.id);
    ticket.set_epoch(epoch);
    return ticket;
  }
};

GrpcUploadTransport::GrpcUploadTransport(Strand& strand, std::string device_name,
                                         std::shared_ptr<const SharedTls> tls) {
  PrepareGrpc();
  impl_ = std::make_unique<Impl>(Impl{.strand = strand,
                                      .device_name = std::move(device_name),
                                      .tls = std::move(tls),
                                      .channel = nullptr,
                                      .stub = nullptr,
                                      .when_idle = nullptr});
}

GrpcUploadTransport::~GrpcUploadTransport() = default;

void GrpcUploadTransport::Connect(const Endpoint& collector, UploadEvents& events) {
  const auto pem = impl_->tls ? impl_->tls->Get() : nullptr;
  impl_->channel = grpc::CreateCustomChannel(ToString(collector), ClientCredentials(pem.get()),
                                             UploadArguments());
  impl_->stub = FileUploadService::NewStub(impl_->channel);
  impl_->events = &events;
}

void GrpcUploadTransport::Close() {
  impl_->stream = nullptr;
  if (UploadCall* call = std::exchange(impl_->call, nullptr)) call->Abandon();
  impl_->stub.reset();
  impl_->channel.reset();
}

void GrpcUploadTransport::Begin(const SealedDump& dump) {
  fileupload::BeginUploadRequest request;
  request.set_service_name(impl_->device_name);
  request.set_upload_id(dump.id);
  request.set_filename(dump.filename);
  request.set_size_bytes(dump.size_bytes);
  if (dump.size_bytes > 0) request.set_sha256(std::string(BytesOf(dump.sha256)));
  ToWire(dump.info, *request.mutable_dump());
  impl_->call = StartBegin(impl_->NextCall(), std::move(request));
}

void GrpcUploadTransport::Abort(const SealedDump& dump) {
  fileupload::AbortUploadRequest request;
  request.set_service_name(impl_->device_name);
  request.set_upload_id(dump.id);
  impl_->call = StartAbort(impl_->NextCall(), std::move(request));
}

void GrpcUploadTransport::OpenSegment(const SealedDump& dump, std::uint64_t epoch) {
  impl_->stream = StartSegment(impl_->NextCall(), dump.filename, impl_->Ticket(dump, epoch));
  impl_->call = impl_->stream;
}

void GrpcUploadTransport::OpenWhole(const SealedDump& dump) {
  impl_->stream = StartWhole(impl_->NextCall(), PlainName(dump));
  impl_->call = impl_->stream;
}

void GrpcUploadTransport::Send(DumpChunk chunk) {
  if (impl_->stream != nullptr) impl_->stream->Send(std::move(chunk));
}

void GrpcUploadTransport::HalfClose() {
  if (impl_->stream != nullptr) impl_->stream->HalfClose();
}

void GrpcUploadTransport::WhenIdle(std::function<void()> done) {
  if (impl_->calls == 0) return done();
  impl_->when_idle = std::move(done);
}

}  // namespace edgefeed
