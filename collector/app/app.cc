#include "collector/app/app.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include "collector/history/backup.h"
#include "common/log/log.h"
#include "common/model/metric.h"
#include "common/pki/tls_material.h"
#include "common/runtime/service_notify.h"

namespace edgefeed {
namespace {

// SIGTERM ends the collector within 5 s: uploads get most of that.
constexpr std::chrono::milliseconds kUploadGrace{3500};
constexpr std::chrono::milliseconds kOperatorsGrace{500};
constexpr std::chrono::milliseconds kEnrolmentGrace{250};

std::size_t EngineStrands(const CollectorConfig& config) {
  if (config.engine_threads > 0) return config.engine_threads;
  return std::max(1U, std::thread::hardware_concurrency() / 4);
}

TelemetryLimits Limits(const CollectorConfig& config) {
  return {.feed = {.payload = {.series = config.limits.series_per_device,
                               .future = config.limits.future_timestamps},
                   .payload_size = config.limits.payload_size,
                   .rate = config.limits.feed_rate},
          .subscribers = config.limits.subscribers};
}

HistoryConfig HistoryOf(const CollectorConfig& config) {
  using std::chrono::hours;
  HistoryConfig history;
  history.directory = config.data_dir / "history";
  history.raw_retention = std::chrono::duration_cast<hours>(config.history.raw);
  history.minute_retention = std::chrono::duration_cast<hours>(config.history.minute);
  history.hour_retention = std::chrono::duration_cast<hours>(config.history.hour);
  history.max_size = config.history.max_size;
  return history;
}

// Not an error: a newer agent may send metrics that this collector has never heard of.
void WarnOfUnknownMetrics(const std::vector<Rule>& rules) {
  for (const Rule& rule : rules) {
    if (rule.kind == RuleKind::kOffline || FindMetric(rule.metric) != nullptr) continue;
    spdlog::warn(
        "rule {}: no agent of this version reads a metric '{}'; an application may send it",
        rule.name, rule.metric);
  }
}

Status CheckRemoteKeys(const std::vector<RemoteWriteConfig>& remotes) {
  for (const RemoteWriteConfig& remote : remotes) {
    const Status key = CheckKeyIsPrivate(remote.tls.key);
    if (!key) return key.error().Wrap("remote_write " + remote.name);
  }
  return {};
}

}  // namespace

CollectorApp::CollectorApp(const CollectorConfig& config, std::unique_ptr<Ground> ground,
                           Stores stores)
    : config_(config),
      ground_(std::move(ground)),
      access_(std::move(stores.access)),
      tls_(ground_->clock, ground_->stats),
      alerts_(std::move(stores.alerts)),
      remote_(std::move(stores.remote)),
      history_(std::move(stores.history)),
      engine_(
          EngineStrands(config),
          {.devices = config.limits.devices, .series_per_device = config.limits.series_per_device},
          ground_->clock, *history_, alerts_->recorder(), ground_->stats),
      fleet_(engine_.shards()) {
  HistoryBackup::Clear(config.data_dir / "backup");
}

Result<std::unique_ptr<CollectorApp>> CollectorApp::Start(const CollectorConfig& config) {
  if (const Status keys = CheckRemoteKeys(config.remote_writes); !keys) return keys.error();
  auto ground = std::make_unique<Ground>();
  auto history = History::Open(HistoryOf(config), ground->store, ground->stats);
  if (!history) return history.error().Wrap("data_dir");
  auto alerts = AlertStage::Open(config, ground->clock, ground->stats);
  if (!alerts) return alerts.error().Wrap("data_dir");
  auto remote = RemoteStage::Start(config.remote_writes, config.data_dir / "remote_write",
                                   ground->clock, **history, ground->stats);
  if (!remote) return remote.error().Wrap("data_dir");
  auto access = AccessStage::Open(config, ground->clock, ground->stats);
  if (!access) return access.error();
  std::unique_ptr<CollectorApp> app(new CollectorApp(config, std::move(ground),
                                                     {.alerts = *std::move(alerts),
                                                      .remote = *std::move(remote),
                                                      .history = *std::move(history),
                                                      .access = *std::move(access)}));
  if (const Status started = app->StartAlerts(); !started) return started.error();
  WarnOfUnknownMetrics(config.rules);
  app->engine_.SetRules(config.rules);
  app->engine_.RestoreRules(app->history_->inventory(), app->alerts_->LoadStates(),
                            app->alerts_->last_alive());
  for (const auto start :
       {&CollectorApp::OpenUploads, &CollectorApp::StartGrpc, &CollectorApp::StartOperators,
        &CollectorApp::StartEnrolment, &CollectorApp::StartHttp}) {
    if (const Status started = ((*app).*start)(); !started) return started.error();
  }
  app->readiness_.Set(Readiness::State::kReady);
  NotifyService("READY=1");
  return app;
}

CollectorApp::~CollectorApp() { Stop(); }

Status CollectorApp::StartAlerts() {
  auto notify = NotifyStage::Open(config_.notify, {.alerts = alerts_->strand(),
                                                   .database = alerts_->database(),
                                                   .clock = ground_->clock,
                                                   .stats = ground_->stats});
  if (!notify) return notify.error();
  notify_ = std::move(*notify);
  alerts_->Start({.notices = &notify_->notices(), .fleet = &fleet_});
  return {};
}

Status CollectorApp::OpenUploads() {
  auto uploads = UploadStage::Open(config_, ground_->clock, ground_->stats);
  if (!uploads) return uploads.error().Wrap("data_dir");
  uploads_ = std::move(*uploads);
  return {};
}

ServiceParts CollectorApp::Services() {
  return {.shards = engine_.shards(),
          .fleet = fleet_,
          .limits = Limits(config_),
          .stats = ground_->stats,
          .history = {.store = ground_->store,
                      .history = *history_,
                      .stats = ground_->stats,
                      .limits = {}},
          .backup = {.worker = ground_->backup,
                     .history = *history_,
                     .stats = ground_->stats,
                     .scratch = config_.data_dir / "backup"},
          .uploads = uploads_->uploads(),
          .dumps = uploads_->dumps(),
          .alerts = alerts_->access()};
}

Status CollectorApp::StartGrpc() {
  access_->Start();
  auto tls = tls_.Watch("grpc", "tls", config_.tls);
  if (!tls) return tls.error();
  auto port = GrpcPort::Start(access_->access(), DevicesPolicy(config_),
                              {.listen = config_.listen,
                               .tls = *std::move(tls),
                               .client_certificates = ClientCertificates::kRequired,
                               .limits = config_.limits.connections,
                               .streams_per_connection = config_.limits.streams_per_connection},
                              Services());
  if (!port) return port.error();
  grpc_ = std::move(*port);
  spdlog::info("listening on {} (gRPC, {})", ToString(grpc_->server().listening()),
               config_.tls ? "TLS" : "plaintext");
  return {};
}

Status CollectorApp::StartOperators() {
  if (!config_.operators.listen) return {};
  auto tls = tls_.Watch("operators", "operators.tls", config_.operators.tls);
  if (!tls) return tls.error();
  auto port = GrpcPort::Start(access_->access(), OperatorsPolicy(config_),
                              {.listen = *config_.operators.listen,
                               .tls = *std::move(tls),
                               .client_certificates = ClientCertificates::kOptional,
                               .streams_per_connection = config_.limits.streams_per_connection},
                              Services());
  if (!port) return port.error().Wrap("operators");
  operators_grpc_ = std::move(*port);
  spdlog::info("operators on {} (gRPC, {})", ToString(operators_grpc_->server().listening()),
               config_.operators.tls ? "TLS" : "plaintext");
  return {};
}

Status CollectorApp::StartEnrolment() {
  if (!config_.enrolment.listen) return {};
  auto stage = EnrolmentStage::Start(
      config_,
      {.clock = ground_->clock, .access = access_->access(), .tls = tls_, .stats = ground_->stats});
  if (!stage) return stage.error();
  enrolment_ = *std::move(stage);
  return {};
}

Status CollectorApp::StartHttp() {
  if (!config_.http.enabled) return {};
  auto tls = tls_.Watch("http", "http.tls", config_.http.tls);
  if (!tls) return tls.error();
  auto server = HttpServer::Start(ground_->http,
                                  {.listen = config_.http.listen,
                                   .tls = *std::move(tls),
                                   .callers = HttpPolicy(config_),
                                   .max_devices_in_metrics = config_.http.metrics_devices},
                                  {.fleet = fleet_,
                                   .alerts = alerts_->reader(),
                                   .stats = ground_->stats,
                                   .readiness = readiness_,
                                   .access = access_->access(),
                                   .version = EDGEFEED_VERSION});
  if (!server) return server.error();
  http_ = std::move(*server);
  const Endpoint listening{config_.http.listen.host, http_->port()};
  spdlog::info("http on {} (web page, /metrics, /healthz, /readyz)", ToString(listening));
  return {};
}

void CollectorApp::Reload(const CollectorConfig& config) {
  tls_.LookNow();
  SetLogLevel(config.log_level);
  WarnOfUnknownMetrics(config.rules);
  engine_.SetRules(config.rules);
  CollectorConfig same = config;
  same.rules = config_.rules;
  same.log_level = config_.log_level;
  const bool more = !(same == config_);
  config_.rules = config.rules;
  config_.log_level = config.log_level;
  spdlog::info("configuration reloaded: {} rules{}", config.rules.size(),
               more ? "; changes outside rules and log wait for a restart" : "");
}

void CollectorApp::Stop() {
  if (std::exchange(stopped_, true)) return;
  NotifyService("STOPPING=1");
  readiness_.Set(Readiness::State::kDraining);
  tls_.Stop();
  if (grpc_ != nullptr) {
    grpc_->server().AnnounceDrain();
    if (operators_grpc_ != nullptr) operators_grpc_->server().AnnounceDrain();
    if (enrolment_ != nullptr) enrolment_->server().AnnounceDrain();
    const Error why{Code::kUnavailable, "the collector is shutting down"};
    engine_.EndStreams(ComeBack(), why);
    alerts_->EndWatchers(why);
    // Operators' calls that last have just been ended: both together stay below 5 s.
    grpc_->server().Shutdown(kUploadGrace);
    if (operators_grpc_ != nullptr) operators_grpc_->server().Shutdown(kOperatorsGrace);
    if (enrolment_ != nullptr) enrolment_->server().Shutdown(kEnrolmentGrace);
  }
  if (http_ != nullptr) http_->Stop();
  // What the last reactions posted: sessions delete themselves here. Twice, because a session may
  // hop from one strand to another and back.
  for (int round = 0; round < 2; ++round) {
    engine_.Drain();
    ground_->backup.Drain();
    ground_->store.Drain();
    if (uploads_ != nullptr) uploads_->Drain();
    alerts_->Drain();
    access_->Drain();
  }
  ground_->http.Drain();
  enrolment_.reset();
  operators_grpc_.reset();
  grpc_.reset();
  access_->Stop();
  uploads_.reset();
  CloseHistory();
  alerts_->Stop();
  if (notify_ != nullptr) notify_->Stop();
  engine_.Drain();  // It may have been asked for devices.
  alerts_->Drain();
  spdlog::info("stopped after {} payloads", ground_->stats.payloads_accepted.load());
}

void CollectorApp::CloseHistory() {
  remote_->Stop();
  engine_.CloseStores();
  ground_->store.Drain();
  RunOn(ground_->store, [&] {
    history_->Close();
    history_.reset();
  });
  engine_.Drain();  // It may have been told of what is stored.
}

// So many agents at once would be too many: a second for each 500.
Redirect CollectorApp::ComeBack() const {
  constexpr std::uint64_t kAgentsPerSecond = 500;
  Redirect redirect;
  for (const Endpoint& address : config_.drain_to) redirect.addresses.push_back(ToString(address));
  redirect.spread = std::chrono::seconds(1 + ground_->stats.feeds_open.load() / kAgentsPerSecond);
  return redirect;
}

}  // namespace edgefeed
