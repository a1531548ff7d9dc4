#include "ctl/rpc/dump_client.h"

#include <grpcpp/grpcpp.h>

#include <utility>

#include "common/base/crc32c.h"
#include "common/rpc/status.h"
#include "common/wire/dump_info.h"
#include "ctl/explain.h"
#include "ctl/rpc/deadline.h"
#include "ctl/rpc/json.h"
#include "dumps.grpc.pb.h"

namespace edgefeed {
namespace {

DumpGroupEntry FromWire(const dumps::DumpGroup& wire, JsonForm json) {
  return {.id = wire.id(),
          .version = wire.version(),
          .title = wire.title(),
          .first_seen = FromUnixMillis(wire.first_seen_ms()),
          .last_seen = FromUnixMillis(wire.last_seen_ms()),
          .occurrences = wire.occurrences(),
          .dumps = wire.dumps(),
          .bytes = wire.bytes(),
          .device_count = wire.device_count(),
          .devices = {wire.devices().begin(), wire.devices().end()},
          .versions = {wire.versions().begin(), wire.versions().end()},
          .json = ToJson(wire, json)};
}

DumpEntry FromWire(const dumps::Dump& wire, JsonForm json) {
  return {.id = wire.id(),
          .group = wire.group(),
          .device = wire.service_name(),
          .stored_at = FromUnixMillis(wire.stored_at_ms()),
          .sha256 = DigestFrom(wire.sha256()).value_or(Sha256Digest{}),
          .size_bytes = wire.size_bytes(),
          .kept = wire.kept(),
          .filename = wire.filename(),
          .note = wire.note(),
          .info = edgefeed::FromWire(wire.info()),
          .json = ToJson(wire, json)};
}

class GrpcDumpClient final : public DumpClient {
 public:
  GrpcDumpClient(const std::shared_ptr<grpc::Channel>& channel, ClientOptions options)
      : options_(std::move(options)), stub_(dumps::DumpService::NewStub(channel)) {}

  Result<std::vector<DumpGroupEntry>> ListGroups(const DumpListRequest& request) override {
    grpc::ClientContext context;
    SetDeadline(context, options_.timeout);
    dumps::ListDumpGroupsRequest wire;
    wire.set_service_name(request.device);
    wire.set_limit(request.limit);
    return ReadAll<DumpGroupEntry, dumps::DumpGroup>(context,
                                                     *stub_->ListDumpGroups(&context, wire));
  }

  Result<std::vector<DumpEntry>> ListDumps(const DumpListRequest& request) override {
    grpc::ClientContext context;
    SetDeadline(context, options_.timeout);
    dumps::ListDumpsRequest wire;
    wire.set_group(request.group);
    wire.set_service_name(request.device);
    wire.set_limit(request.limit);
    return ReadAll<DumpEntry, dumps::Dump>(context, *stub_->ListDumps(&context, wire));
  }

  Result<DumpEntry> GetDump(const std::string& id) override {
    grpc::ClientContext context;
    SetDeadline(context, options_.timeout);
    dumps::GetDumpRequest request;
    request.set_id(id);
    dumps::Dump dump;
    const grpc::Status status = stub_->GetDump(&context, request, &dump);
    if (!status.ok()) return Failure(status, context);
    return FromWire(dump, options_.json);
  }

  Status Download(const std::string& id, std::uint64_t offset, DumpSink& sink) override {
    grpc::ClientContext context;
    dumps::DownloadDumpRequest request;
    request.set_id(id);
    request.set_offset(offset);
    const auto reader = stub_->DownloadDump(&context, request);
    Status taken;
    bool is_first = true;
    for (dumps::DownloadDumpResponse response; taken && reader->Read(&response);) {
      if (std::exchange(is_first, false)) taken = Expect(response, sink);
      if (taken) taken = Take(id, response, offset, sink);
      offset += response.data().size();
    }
    if (!taken) context.TryCancel();
    const grpc::Status status = reader->Finish();
    if (!taken) return taken;
    if (!status.ok()) return Failure(status, context);
    return {};
  }

  Result<DumpsRemoved> Remove(const std::vector<std::string>& ids) override {
    grpc::ClientContext context;
    SetDeadline(context, options_.timeout);
    dumps::RemoveDumpsRequest request;
    for (const std::string& id : ids) request.add_ids(id);
    dumps::RemoveDumpsResponse response;
    const grpc::Status status = stub_->RemoveDumps(&context, request, &response);
    if (!status.ok()) return Failure(status, context);
    return DumpsRemoved{.dumps = response.dumps(),
                        .bytes = response.bytes(),
                        .json = ToJson(response, options_.json)};
  }

 private:
  template <typename Entry, typename Message>
  Result<std::vector<Entry>> ReadAll(const grpc::ClientContext& context,
                                     grpc::ClientReader<Message>& reader) {
    std::vector<Entry> entries;
    for (Message message; reader.Read(&message);)
      entries.push_back(FromWire(message, options_.json));
    if (const grpc::Status status = reader.Finish(); !status.ok()) return Failure(status, context);
    return entries;
  }

  static Status Expect(const dumps::DownloadDumpResponse& response, DumpSink& sink) {
    return sink.Expect(response.size_bytes(),
                       DigestFrom(response.sha256()).value_or(Sha256Digest{}));
  }

  static Status Take(const std::string& id, const dumps::DownloadDumpResponse& response,
                     std::uint64_t offset, DumpSink& sink) {
    if (response.offset() == offset && Crc32c(response.data()) == response.crc32c()) {
      return sink.Take(response.data());
    }
    return Error{Code::kDataLoss, "dump " + id + ": bytes have changed on the way, at offset " +
                                      std::to_string(offset) + " (try again: it goes on there)"};
  }

  [[nodiscard]] Error Failure(const grpc::Status& status,
                              const grpc::ClientContext& context) const {
    return Explain(FromGrpc(status, context), options_.collector);
  }

  ClientOptions options_;
  std::unique_ptr<dumps::DumpService::Stub> stub_;
};

}  // namespace

std::unique_ptr<DumpClient> MakeGrpcDumpClient(const std::shared_ptr<grpc::Channel>& channel,
                                               const ClientOptions& options) {
  return std::make_unique<GrpcDumpClient>(channel, options);
}

}  // namespace edgefeed
