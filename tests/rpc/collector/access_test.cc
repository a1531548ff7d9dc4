// Who may call which method of a whole collector, with real certificates and tokens.
#include <doctest/doctest.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "alerts.grpc.pb.h"
#include "collector/access/method.h"
#include "collector/app/app.h"
#include "common/ca/ca_directory.h"
#include "common/rpc/credentials.h"
#include "common/tokens/token_file.h"
#include "dumps.grpc.pb.h"
#include "enrolment.grpc.pb.h"
#include "fileupload.grpc.pb.h"
#include "fleet.grpc.pb.h"
#include "telemetry.grpc.pb.h"
#include "tests/support/free_port.h"
#include "tests/support/test_authority.h"

namespace edgefeed {
namespace {

using google::protobuf::MethodDescriptor;
using grpc::StatusCode;
using namespace std::chrono_literals;

// Every service of the collector; a new one belongs here as well.
std::map<std::string, const MethodDescriptor*> MethodsOfTheWire() {
  std::map<std::string, const MethodDescriptor*> methods;
  for (const google::protobuf::FileDescriptor* file :
       {telemetry::MetricsPayload::descriptor()->file(),
        fileupload::FileChunk::descriptor()->file(), Device::descriptor()->file(),
        ActiveAlert::descriptor()->file(), dumps::Dump::descriptor()->file(),
        EnrolReply::descriptor()->file()}) {
    for (int i = 0; i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j) {
        const MethodDescriptor* method = file->service(i)->method(j);
        methods.emplace(method->service()->full_name() + "/" + method->name(), method);
      }
    }
  }
  return methods;
}

// A collector with a port for devices and one for operators.
class GuardedCollector {
 public:
  GuardedCollector() {
    const WallTime tomorrow = SystemClock().Wall() + 24h;
    REQUIRE(WriteTokenFile(tokens_, {{.name = "vic",
                                      .role = Role::kViewer,
                                      .sha256 = Sha256Of("viewer-secret"),
                                      .expires = tomorrow},
                                     {.name = "old",
                                      .role = Role::kAdmin,
                                      .sha256 = Sha256Of("old-secret"),
                                      .expires = SystemClock().Wall() - 1h}})
                .ok());
    TlsFiles server = authority.Issue("server", "IP:127.0.0.1");
    CollectorConfig config;
    config.limits.callers.device_calls_per_second = 1000;  // It is asked who calls, not how often.
    config.listen.port = devices_port_;
    config.tls = server;
    config.operators = {.listen = Endpoint{.host = "127.0.0.1", .port = operators_port_},
                        .tls = server,
                        .crl = {},
                        .tokens = tokens_};
    config.http.enabled = false;
    config.data_dir = home_.path() / "data";
    auto started = CollectorApp::Start(config);
    REQUIRE(started);
    app_ = std::move(*started);
  }

  std::shared_ptr<grpc::Channel> Connect(Port port, const TlsFiles& files) const {
    const auto number = port == Port::kOperators ? operators_port_ : devices_port_;
    return grpc::CreateChannel("127.0.0.1:" + std::to_string(number), *ClientCredentials(files));
  }
  TlsFiles Nobody() const { return {.ca = authority.file("ca.pem"), .cert = {}, .key = {}}; }

  TestAuthority authority;

 private:
  TempDir home_;
  const std::filesystem::path tokens_ = home_.path() / "tokens.yaml";
  const std::uint16_t devices_port_ = FreePort();
  const std::uint16_t operators_port_ = FreePort();
  std::unique_ptr<CollectorApp> app_;
};

// Who calls, and by which port.
struct Somebody {
  std::shared_ptr<grpc::Channel> channel;
  std::string token;
};

// What becomes of a call about device `device`, or of an upload that it is said to belong to.
// OK: it was let in, whatever came of it.
grpc::Status Call(const Somebody& caller, const MethodDescriptor& method,
                  const std::string& device) {
  std::unique_ptr<google::protobuf::Message> request(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(method.input_type())
          ->New());
  const auto* field = method.input_type()->FindFieldByName("service_name");
  if (field != nullptr) request->GetReflection()->SetString(request.get(), field, device);
  grpc::Slice bytes(request->SerializeAsString());
  const grpc::ByteBuffer message(&bytes, 1);

  grpc::GenericStub stub(caller.channel);
  grpc::ClientContext context;
  if (!caller.token.empty()) context.AddMetadata("authorization", "Bearer " + caller.token);
  grpc::CompletionQueue queue;
  const auto stream =
      stub.PrepareCall(&context, "/" + method.service()->full_name() + "/" + method.name(), &queue);
  const auto await = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    REQUIRE(queue.Next(&tag, &ok));
    return ok;
  };
  stream->StartCall(nullptr);
  await();
  stream->WriteLast(message, grpc::WriteOptions(), nullptr);
  await();
  grpc::ByteBuffer reply;
  stream->Read(&reply, nullptr);
  const bool answered = await();
  if (answered) context.TryCancel();
  grpc::Status status;
  stream->Finish(&status, nullptr);
  await();
  queue.Shutdown();
  const bool refused = !answered && (status.error_code() == StatusCode::PERMISSION_DENIED ||
                                     status.error_code() == StatusCode::UNAUTHENTICATED ||
                                     status.error_code() == StatusCode::RESOURCE_EXHAUSTED);
  return refused ? status : grpc::Status::OK;
}

bool IsEnrolment(const MethodRule& rule) { return rule.name.starts_with("edgefeed.Enrolment/"); }
bool IsHttp(const MethodRule& rule) { return rule.name.starts_with("GET /"); }

TEST_CASE("the table has every method of the wire, and no other") {
  std::set<std::string> wire;
  for (const auto& [name, method] : MethodsOfTheWire()) wire.insert(name);
  std::set<std::string> table;
  std::size_t of_http = 0;
  for (const MethodRule& rule : MethodRules()) {
    if (IsHttp(rule)) {
      ++of_http;
    } else {
      table.emplace(rule.name);
    }
  }
  CHECK(wire == table);
  CHECK(table.size() + of_http == MethodRules().size());
}

TEST_CASE("every call that lasts takes one of its caller's places") {
  const auto methods = MethodsOfTheWire();
  for (const MethodRule& rule : MethodRules()) {
    if (IsHttp(rule)) continue;  // That port bounds its connections.
    CAPTURE(rule.name);
    const MethodDescriptor& method = *methods.at(std::string(rule.name));
    const bool lasts = method.client_streaming() || method.server_streaming();
    CHECK(lasts == (rule.kind != CallKind::kBrief));
  }
  CHECK(RuleOf(Method::kLiveFeed).kind == CallKind::kFeed);
  CHECK(RuleOf(Method::kUpload).kind == CallKind::kUpload);
}

TEST_CASE("each method asks who calls, on both ports, and lets in whom the table says") {
  const GuardedCollector collector;
  const auto issue = [&](const std::string& role) {
    return collector.authority.Issue(role, "URI:edgefeed://" + role + "/cam");
  };
  const TlsFiles device = issue("device");
  const TlsFiles people[] = {issue("viewer"), issue("operator"), issue("admin")};
  const Role roles[] = {Role::kViewer, Role::kOperator, Role::kAdmin};
  const Somebody nobody{collector.Connect(Port::kOperators, collector.Nobody()), ""};
  const Somebody lost_device{collector.Connect(Port::kOperators, device), ""};
  const Somebody known_device{collector.Connect(Port::kDevices, device), ""};

  const auto methods = MethodsOfTheWire();
  for (const MethodRule& rule : MethodRules()) {
    CAPTURE(rule.name);
    if (IsEnrolment(rule) || IsHttp(rule)) continue;  // On ports of their own.
    const MethodDescriptor& method = *methods.at(std::string(rule.name));
    const auto code = [&](const Somebody& caller, const std::string& of = "cam") {
      return Call(caller, method, of).error_code();
    };
    const bool device_may = rule.device == DeviceMay::kAsItself;
    CHECK(code(known_device) == (device_may ? StatusCode::OK : StatusCode::PERMISSION_DENIED));
    CHECK(code(lost_device) == StatusCode::PERMISSION_DENIED);
    CHECK(code(nobody) ==
          (rule.least ? StatusCode::UNAUTHENTICATED : StatusCode::PERMISSION_DENIED));
    for (std::size_t i = 0; i < std::size(roles); ++i) {
      CAPTURE(RoleName(roles[i]));
      const bool may = rule.least && roles[i] >= *rule.least;
      CHECK(code({collector.Connect(Port::kOperators, people[i]), ""}) ==
            (may ? StatusCode::OK : StatusCode::PERMISSION_DENIED));
      CHECK(code({collector.Connect(Port::kDevices, people[i]), ""}) ==
            StatusCode::PERMISSION_DENIED);
    }
    // Another's is refused wherever a name is asked for; of an upload it is in the ticket.
    const bool names_device = method.input_type()->FindFieldByName("service_name") != nullptr;
    if (device_may && names_device) {
      for (const std::string other : {"other", ""}) {
        // Of a feed it is one of a payload's mistakes.
        if (other.empty() && rule.name.ends_with("LiveFeed")) continue;
        const grpc::Status refused = Call(known_device, method, other);
        CHECK(refused.error_code() == StatusCode::PERMISSION_DENIED);
        CHECK(refused.error_message().find("device 'cam'") != std::string::npos);
        CHECK(refused.error_message().find(other) != std::string::npos);
      }
    }
  }
}

TEST_CASE("the enrolment port serves two methods: one for anybody, one for devices of its CA") {
  const TempDir home;
  const WallTime now = SystemClock().Wall();
  REQUIRE(CaDirectory::Create(home.path() / "ca", "CA", now, now + 24h));
  const auto issue = [&](PartyKind kind, const std::string& name) {
    const auto out = home.path() / (std::string(ToString(kind)) + name);
    REQUIRE(CaDirectory::Open(home.path() / "ca", now)
                ->Issue({.party = *MakeParty(kind, {name}),
                         .not_after = now + 24h,
                         .requested = std::nullopt,
                         .out = out},
                        now));
    const PartyFiles files = FilesOf(kind);
    return TlsFiles{.ca = out / "ca.pem", .cert = out / files.certificate, .key = out / files.key};
  };
  const TlsFiles server = issue(PartyKind::kCollector, "127.0.0.1");
  CollectorConfig config;
  config.listen.port = FreePort();
  config.tls = TlsFiles{.ca = {}, .cert = server.cert, .key = server.key};
  const std::uint16_t port = FreePort();
  config.enrolment = {.listen = Endpoint{.host = "127.0.0.1", .port = port},
                      .authority = home.path() / "ca"};
  config.http.enabled = false;
  config.data_dir = home.path() / "data";
  const auto app = CollectorApp::Start(config);
  REQUIRE(app);
  const auto connect = [&](const TlsFiles& files, std::uint16_t to) {
    return Somebody{
        grpc::CreateChannel("127.0.0.1:" + std::to_string(to), *ClientCredentials(files)), ""};
  };
  const Somebody nobody = connect({.ca = server.ca, .cert = {}, .key = {}}, port);
  const Somebody device = connect(issue(PartyKind::kDevice, "cam"), port);
  const Somebody person = connect(issue(PartyKind::kAdmin, "kim"), port);
  const auto ask = [](const Somebody& caller, const std::string& method) {
    grpc::ClientContext context;
    const auto stub = Enrolment::NewStub(caller.channel);
    EnrolReply reply;
    return method == "Enrol" ? stub->Enrol(&context, EnrolRequest(), &reply).error_code()
                             : stub->Renew(&context, RenewRequest(), &reply).error_code();
  };
  // Let in, and then told that what they send is no request for a certificate.
  CHECK(ask(nobody, "Enrol") == StatusCode::INVALID_ARGUMENT);
  CHECK(ask(device, "Enrol") == StatusCode::INVALID_ARGUMENT);
  CHECK(ask(person, "Enrol") == StatusCode::PERMISSION_DENIED);
  CHECK(ask(nobody, "Renew") == StatusCode::UNAUTHENTICATED);
  CHECK(ask(device, "Renew") == StatusCode::INVALID_ARGUMENT);
  CHECK(ask(person, "Renew") == StatusCode::PERMISSION_DENIED);
  // Nothing else is served there, nor this anywhere else.
  const auto status_of = [](const Somebody& caller) {
    grpc::ClientContext context;
    telemetry::MetricsResponse response;
    return telemetry::TelemetryService::NewStub(caller.channel)
        ->GetSnapshot(&context, telemetry::MetricsRequest(), &response)
        .error_code();
  };
  CHECK(status_of(device) == StatusCode::UNIMPLEMENTED);
  const Somebody at_devices_port =
      connect({.ca = server.ca, .cert = {}, .key = {}}, config.listen.port);
  CHECK(ask(at_devices_port, "Enrol") == StatusCode::UNIMPLEMENTED);
}

TEST_CASE("tokens open the operators' port only, and only as long as they are good") {
  const GuardedCollector collector;
  const auto methods = MethodsOfTheWire();
  const auto channel = collector.Connect(Port::kOperators, collector.Nobody());
  const auto call = [&](const std::string& token, const std::string& name) {
    return Call({channel, token}, *methods.at(name), "cam");
  };
  CHECK(call("viewer-secret", "edgefeed.FleetService/ListDevices").ok());
  CHECK(call("viewer-secret", "edgefeed.AlertService/AddSilence").error_code() ==
        StatusCode::PERMISSION_DENIED);
  CHECK(call("viewer-secre", "edgefeed.FleetService/ListDevices").error_code() ==
        StatusCode::UNAUTHENTICATED);
  const grpc::Status old = call("old-secret", "edgefeed.FleetService/ListDevices");
  CHECK(old.error_code() == StatusCode::UNAUTHENTICATED);
  CHECK(old.error_message().starts_with("the token of 'old' expired at"));
}

TEST_CASE("a segment of another device's upload is refused by its ticket") {
  const GuardedCollector collector;
  const auto stub = fileupload::FileUploadService::NewStub(collector.Connect(
      Port::kDevices, collector.authority.Issue("cam", "URI:edgefeed://device/cam")));
  for (const std::string device : {"cam", "other", ""}) {
    CAPTURE(device);
    grpc::ClientContext context;
    fileupload::UploadResponse response;
    const auto writer = stub->Upload(&context, &response);
    fileupload::FileChunk chunk;
    chunk.mutable_ticket()->set_service_name(device);
    chunk.mutable_ticket()->set_upload_id("u");
    writer->Write(chunk);
    writer->WritesDone();
    const grpc::Status status = writer->Finish();
    CHECK(status.error_code() ==
          (device == "cam" ? StatusCode::OK : StatusCode::PERMISSION_DENIED));
  }
}

}  // namespace
}  // namespace edgefeed
