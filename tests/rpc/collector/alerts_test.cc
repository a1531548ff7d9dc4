#include <doctest/doctest.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "alerts.grpc.pb.h"
#include "collector/alerts/alert_desk.h"
#include "collector/rpc/alert_service.h"
#include "tests/rpc/support/open_gate.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

using grpc::StatusCode;
using namespace std::chrono_literals;

struct AlertServerSpec {
  std::uint64_t watchers = 16;
  std::chrono::milliseconds longest_write = std::chrono::minutes(2);
};

// The desk behind its service, in this process.
class AlertServer {
 public:
  explicit AlertServer(const AlertServerSpec& spec = {}) {
    RunOn(strand, [this] {
      auto opened = AlertStore::Open(home_.path() / "alerts.db");
      REQUIRE(opened);
      store_ = std::move(*opened);
      desk = std::make_unique<AlertDesk>(strand, *store_, FlapConfig{}, stats);
      desk->Start({});
    });
    service_ = std::make_unique<AlertServiceImpl>(AlertAccess{.strand = strand,
                                                              .desk = *desk,
                                                              .stats = stats,
                                                              .watchers = spec.watchers,
                                                              .longest_write = spec.longest_write},
                                                  gate_.gate());
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
    stub = AlertService::NewStub(grpc::CreateChannel("127.0.0.1:" + std::to_string(port),
                                                     grpc::InsecureChannelCredentials()));
  }
  ~AlertServer() {
    server_->Shutdown();
    server_->Wait();
    for (int round = 0; round < 2; ++round) strand.Drain();
    RunOn(strand, [this] {
      desk->Stop();
      desk.reset();
      store_.reset();
    });
  }
  AlertServer(const AlertServer&) = delete;
  AlertServer& operator=(const AlertServer&) = delete;

  void Record(const std::string& device, AlertChange change, Severity severity = Severity::kWarning,
              std::string message = "hot") {
    AlertEvent event;
    event.key = {.device = device, .rule = "HOT", .series = {.metric = "temp", .labels = {}}};
    event.change = change;
    event.severity = severity;
    event.message = std::move(message);
    event.time = clock_.Wall();
    desk->Record({event}, {});
    Settle();
  }
  // Returns when what was posted has been done, and what that has posted.
  void Settle() {
    for (int round = 0; round < 3; ++round) strand.Drain();
  }
  std::vector<ActiveAlert> List(const ListAlertsRequest& request) const {
    grpc::ClientContext context;
    const auto reader = stub->ListAlerts(&context, request);
    std::vector<ActiveAlert> alerts;
    for (ActiveAlert alert; reader->Read(&alert);) alerts.push_back(alert);
    CHECK(reader->Finish().ok());
    return alerts;
  }

 private:
  TempDir home_;
  OpenGate gate_;
  SystemClock clock_;
  std::unique_ptr<AlertStore> store_;
  std::unique_ptr<AlertServiceImpl> service_;
  std::unique_ptr<grpc::Server> server_;

 public:
  CollectorStats stats;
  Strand strand{"alerts", clock_};
  std::unique_ptr<AlertDesk> desk;
  std::unique_ptr<AlertService::Stub> stub;
};

TEST_CASE("alerts are listed page after page, of one device, or of a severity and worse") {
  AlertServer server;
  for (int i = 0; i < 250; ++i) {
    server.Record("d" + std::to_string(i), AlertChange::kFired,
                  i % 10 == 0 ? Severity::kCritical : Severity::kInfo);
  }
  server.Record("d0", AlertChange::kResolved);
  CHECK(server.List({}).size() == 249);
  ListAlertsRequest request;
  request.set_severity("warning");
  CHECK(server.List(request).size() == 24);
  request.set_service_name("d10");
  const auto alerts = server.List(request);
  REQUIRE(alerts.size() == 1);
  CHECK(alerts[0].rule() == "HOT");
  CHECK(alerts[0].series().metric() == "temp");
  CHECK(alerts[0].state() == ALERT_STATE_FIRING);
  CHECK(alerts[0].told());
  CHECK(alerts[0].id().size() == 16);
}

TEST_CASE("a watcher sees what fires, then each change, and is told when that ends") {
  AlertServer server({.watchers = 1});
  server.Record("a", AlertChange::kFired);
  server.Record("b", AlertChange::kFired);
  grpc::ClientContext context;
  const auto reader = server.stub->WatchAlerts(&context, {});
  WatchAlertsResponse response;
  for (int i = 0; i < 2; ++i) {
    REQUIRE(reader->Read(&response));
    CHECK(response.alert().state() == ALERT_STATE_FIRING);
  }
  REQUIRE(reader->Read(&response));
  CHECK(response.complete());

  grpc::ClientContext too_many;
  CHECK(server.stub->WatchAlerts(&too_many, {})->Finish().error_code() ==
        StatusCode::RESOURCE_EXHAUSTED);

  server.Record("a", AlertChange::kResolved);
  REQUIRE(reader->Read(&response));
  CHECK(response.alert().service_name() == "a");
  CHECK(response.alert().state() == ALERT_STATE_RESOLVED);
  server.Record("b", AlertChange::kEscalated, Severity::kCritical);
  REQUIRE(reader->Read(&response));
  CHECK(response.alert().severity() == "critical");
  RunOn(server.strand,
        [&] { server.desk->EndWatchers(Error{Code::kUnavailable, "shutting down"}); });
  CHECK_FALSE(reader->Read(&response));
  CHECK(reader->Finish().error_code() == StatusCode::UNAVAILABLE);
}

TEST_CASE("a watcher that takes nothing is ended") {
  AlertServer server({.longest_write = 100ms});
  const std::string long_message(std::size_t{64} << 10, 'x');
  for (int i = 0; i < 200; ++i) {
    server.Record("d" + std::to_string(i), AlertChange::kFired, Severity::kInfo, long_message);
  }
  grpc::ClientContext context;
  const auto reader = server.stub->WatchAlerts(&context, {});
  while (server.stats.alert_watchers_ended == 0) server.Settle();
  WatchAlertsResponse response;
  while (reader->Read(&response)) {
  }
  CHECK_FALSE(reader->Finish().ok());
}

TEST_CASE("a watcher so slow that too many alerts are over is ended") {
  AlertServer server({.longest_write = 1h});
  const std::string long_message(std::size_t{64} << 10, 'x');
  for (int i = 0; i < 200; ++i) {
    server.Record("d" + std::to_string(i), AlertChange::kFired, Severity::kInfo, long_message);
  }
  grpc::ClientContext context;
  const auto reader = server.stub->WatchAlerts(&context, {});
  while (server.stats.alert_watchers_open == 0) server.Settle();
  server.Settle();
  for (int i = 0; server.stats.alert_watchers_ended == 0; ++i) {
    REQUIRE(i < 20'000);
    AlertEvent event;
    event.key = {.device = "e" + std::to_string(i), .rule = "HOT", .series = {}};
    AlertEvent over = event;
    over.change = AlertChange::kResolved;
    server.desk->Record({event, over}, {});
    if (i % 1000 == 0) server.Settle();
  }
  WatchAlertsResponse response;
  while (reader->Read(&response)) {
  }
  CHECK(reader->Finish().error_code() == StatusCode::RESOURCE_EXHAUSTED);
}

TEST_CASE("silences and acknowledgements are answered, or refused with the reason") {
  AlertServer server;
  server.Record("a", AlertChange::kFired);
  AcknowledgeRequest acknowledge;
  AcknowledgeResponse acknowledged;
  const auto try_to_acknowledge = [&] {
    grpc::ClientContext context;
    return server.stub->Acknowledge(&context, acknowledge, &acknowledged).error_code();
  };
  CHECK(try_to_acknowledge() == StatusCode::INVALID_ARGUMENT);
  acknowledge.mutable_alert()->set_service_name("a");
  acknowledge.mutable_alert()->set_rule("HOT");
  CHECK(try_to_acknowledge() == StatusCode::INVALID_ARGUMENT);
  acknowledge.set_author("bob");
  CHECK(try_to_acknowledge() == StatusCode::OK);
  CHECK(acknowledged.alerts(0).acknowledgement().author() == "bob");
  acknowledge.mutable_alert()->set_rule("COLD");
  CHECK(try_to_acknowledge() == StatusCode::NOT_FOUND);

  AddSilenceRequest add;
  AlertSilence silence;
  grpc::ClientContext refused;
  const auto why = server.stub->AddSilence(&refused, add, &silence);
  CHECK(why.error_code() == StatusCode::INVALID_ARGUMENT);
  CHECK(why.error_message().find("no matcher") != std::string::npos);
}

TEST_CASE("the history of alerts is read newest first, up to a limit") {
  AlertServer server;
  for (int i = 0; i < 150; ++i) {
    server.Record("a", i % 2 == 0 ? AlertChange::kFired : AlertChange::kResolved);
  }
  ListAlertHistoryRequest request;
  request.set_limit(120);
  grpc::ClientContext context;
  const auto reader = server.stub->ListAlertHistory(&context, request);
  std::vector<AlertHistoryEntry> entries;
  for (AlertHistoryEntry entry; reader->Read(&entry);) entries.push_back(entry);
  CHECK(reader->Finish().ok());
  REQUIRE(entries.size() == 120);
  CHECK(entries.front().change() == ALERT_HISTORY_CHANGE_RESOLVED);
  CHECK(entries.front().at_ms() >= entries.back().at_ms());
  CHECK(entries.front().suppressed() == ALERT_SUPPRESSION_FLAPPING);

  request.set_from_ms(2);
  request.set_to_ms(1);
  grpc::ClientContext wrong;
  CHECK(server.stub->ListAlertHistory(&wrong, request)->Finish().error_code() ==
        StatusCode::INVALID_ARGUMENT);
}

}  // namespace
}  // namespace edgefeed
