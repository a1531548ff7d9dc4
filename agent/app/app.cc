#include "agent/app/app.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <latch>
#include <random>
#include <utility>

#include "agent/app/stage_settings.h"
#include "agent/proc/device_identity.h"
#include "common/log/log.h"
#include "common/runtime/background.h"
#include "common/runtime/memory.h"
#include "common/runtime/service_notify.h"

namespace edgefeed {
namespace {

// Until a start is over: the configuration read, the first connection made.
constexpr std::chrono::seconds kStartTakes{10};

// A stream's number must never come again, so it is the system's randomness, not a seed's.
StreamId RandomStream() {
  std::random_device random;
  return (StreamId{random()} << 32U) | random();
}

std::string NewRunId() {
  std::random_device random;
  std::string id;
  for (int word = 0; word < 4; ++word) {
    std::array<char, 9> hex{};
    std::snprintf(hex.data(), hex.size(), "%08x", random());
    id += hex.data();
  }
  return id;
}

}  // namespace

AgentApp::AgentApp(const AgentConfig& config, const std::filesystem::path& file)
    : info_(ReadDeviceIdentity({}, "/etc/os-release")),
      series_(kMaxAgentSeries),
      strand_("core", clock_),
      device_clock_(strand_, KernelClockIsSynchronized),
      disk_strand_("disk", clock_),
      boots_({.core = strand_, .disk = disk_strand_, .clock = device_clock_},
             config.state_dir / "boot", {.boot_id = info_.boot_id}),
      storage_(config.state_dir / "outbox"),
      outbox_({.core = strand_,
               .disk = disk_strand_,
               .storage = storage_,
               .series = series_,
               .clock = device_clock_},
              OutboxLimitsFor(config), ParseBootId(info_.boot_id), RandomStream),
      dumps_strand_("dumps", clock_),
      recent_(strand_, dumps_strand_, outbox_, series_, device_clock_),
      desk_({.strand = strand_,
             .next = recent_,
             .series = series_,
             .outbox = outbox_,
             .dumps = dump_counts_,
             .clock = device_clock_,
             .pipeline = [this] { return pipeline_.get(); },
             .config_file = file}),
      statsd_(strand_, desk_, series_) {
  info_.run_id = NewRunId();
  info_.agent_version = EDGEFEED_VERSION;
}

Result<std::unique_ptr<AgentApp>> AgentApp::Start(const AgentConfig& config,
                                                  const std::filesystem::path& file) {
  ShareOneArena();
  std::unique_ptr<AgentApp> app(new AgentApp(config, file));
  auto kernel = LinuxKernel::Open({}, app->clock_);
  if (!kernel) return kernel.error();
  app->kernel_ = std::move(*kernel);
  spdlog::info("device '{}', a sample every {}", config.service_name,
               FormatDuration(config.sample_interval));
  if (const Status started = app->StartPipeline(config); !started) return started.error();
  RunOn(app->strand_, [&] {
    app->boots_.Start();
    app->desk_.Serve(config.status_socket);
    app->statsd_.Serve(config.statsd);
  });
  app->dumps_strand_.Post(GiveWayToOthers);
  app->StartDumps(config);
  RunOn(app->dumps_strand_, [app = app.get()] {
    app->started_ = app->dumps_strand_.RunAfter(kStartTakes, ReturnUnusedMemory);
  });
  NotifyService("READY=1");
  return app;
}

AgentApp::~AgentApp() { Stop(); }

PipelineContext AgentApp::Context() {
  return {.strand = strand_,
          .kernel = *kernel_,
          .series = series_,
          .outbox = outbox_,
          .samples = statsd_,
          .dumps = dump_counts_,
          .statsd = statsd_,
          .boots = boots_,
          .clock = device_clock_,
          .offline_since = offline_since_,
          .on_line = [this](Line line) { dumps_strand_.Post([this, line] { SetLine(line); }); },
          .info = info_};
}

Status AgentApp::StartPipeline(const AgentConfig& config) {
  Status started;
  RunOn(strand_, [&] {
    auto pipeline = Pipeline::Create(config, Context());
    if (!pipeline) {
      started = pipeline.error();
      return;
    }
    pipeline_ = std::move(*pipeline);
    pipeline_->Start();
  });
  return started;
}

void AgentApp::StopPipeline() {
  std::latch stopped(1);
  strand_.Post([&] { pipeline_->Stop([&stopped] { stopped.count_down(); }); });
  stopped.wait();
  RunOn(strand_, [&] {
    offline_since_ = pipeline_->offline_since();
    pipeline_.reset();
  });
}

void AgentApp::StartDumps(const AgentConfig& config) {
  std::shared_ptr<const SharedTls> tls;
  RunOn(strand_, [&] {
    if (pipeline_) tls = pipeline_->tls();
  });
  RunOn(dumps_strand_, [&] {
    dumps_ = std::make_unique<DumpPipeline>(
        config, DumpPipelineContext{.strand = dumps_strand_,
                                    .memory = recent_,
                                    .info = info_,
                                    .on_counts =
                                        [this](DumpCounts counts) {
                                          strand_.Post([this, counts = std::move(counts)] {
                                            dump_counts_ = counts;
                                          });
                                        },
                                    .tls = tls,
                                    .line = line_});
    dumps_->Start();
  });
}

void AgentApp::SetLine(Line line) {
  line_ = line;
  if (line == Line::kFree) ReturnUnusedMemory();  // What an outage had taken.
  if (dumps_) dumps_->SetLine(line);
}

void AgentApp::StopDumps() {
  std::latch stopped(1);
  dumps_strand_.Post([&] { dumps_->Stop([&stopped] { stopped.count_down(); }); });
  stopped.wait();
  RunOn(dumps_strand_, [&] {
    dumps_.reset();
    line_ = Line::kFree;  // Who said otherwise may be gone.
  });
  strand_.Drain();  // Nothing may be left that answers.
  dumps_strand_.Drain();
}

void AgentApp::Reload(const Result<AgentConfig>& fresh) {
  const Status reloaded = fresh ? Apply(*fresh) : Status(fresh.error());
  RunOn(strand_, [&] { desk_.NoteReload(reloaded); });
  if (reloaded) return spdlog::info("configuration reloaded");
  spdlog::error("configuration not reloaded, the old one stays:\n{}", reloaded.error().message);
}

Status AgentApp::Apply(const AgentConfig& config) {
  // Try first what can fail: the old pipeline stays if the new one cannot be made.
  Status usable;
  RunOn(strand_, [&] {
    const auto trial = Pipeline::Create(config, Context());
    if (!trial) usable = trial.error();
  });
  if (!usable) return usable;
  SetLogLevel(config.log_level);
  StopPipeline();
  StopDumps();
  RunOn(strand_, [&] {
    outbox_.SetLimits(OutboxLimitsFor(config));
    desk_.Serve(config.status_socket);
    statsd_.Serve(config.statsd);
  });
  Status started = StartPipeline(config);
  StartDumps(config);
  return started;
}

void AgentApp::WriteOutbox() {
  std::latch written(1);
  strand_.Post([&] {
    boots_.Stop();
    outbox_.Shutdown([&written] { written.count_down(); });
  });
  written.wait();
  strand_.Drain();  // Nothing may be left that knows the outbox.
  disk_strand_.Drain();
  strand_.Drain();
}

void AgentApp::Stop() {
  if (pipeline_ == nullptr) return;
  NotifyService("STOPPING=1");
  RunOn(strand_, [&] {
    desk_.Serve({});
    statsd_.Serve({});
  });
  StopDumps();
  StopPipeline();
  RunOn(dumps_strand_, [&] { started_.Cancel(); });
  dumps_strand_.Drain();  // The pipeline may have told it of the line until now.
  WriteOutbox();
  const OutboxCounts counts = outbox_.counts();
  spdlog::info(
      "stopped: {} samples taken, {} found on disk, {} delivered, {} dropped, {} left for next "
      "time",
      counts.collected, counts.disk.recovered, counts.acknowledged, counts.dropped(),
      counts.queued);
}

}  // namespace edgefeed
