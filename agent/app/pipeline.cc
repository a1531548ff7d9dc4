#include "agent/app/pipeline.h"

#include <string>
#include <utility>

#include "agent/app/stage_settings.h"
#include "agent/app/status_parts.h"
#include "common/runtime/service_notify.h"

namespace edgefeed {
namespace {

// With the transport's own shut-down this keeps SIGTERM within 5 s.
constexpr std::chrono::milliseconds kStopGrace{3000};

GrpcTransport::Identity MakeIdentity(const AgentConfig& config, DeviceInfo info) {
  info.labels = config.labels;
  return {.device_name = config.service_name, .info = std::move(info)};
}

FeedConfig FeedConfigOf(const AgentConfig& config, const PipelineContext& context) {
  FeedConfig feed = FeedConfigFor(config);
  feed.offline_since = context.offline_since;
  return feed;
}

}  // namespace

Result<std::unique_ptr<Pipeline>> Pipeline::Create(const AgentConfig& config,
                                                   const PipelineContext& context) {
  std::unique_ptr<TlsWatch> tls;
  if (config.tls) {
    auto watch = TlsWatch::Open(context.strand, *config.tls, "tls");
    if (!watch) return watch.error();
    tls = *std::move(watch);
  }
  return std::unique_ptr<Pipeline>(new Pipeline(config, context, std::move(tls)));
}

Pipeline::Pipeline(const AgentConfig& config, const PipelineContext& context,
                   std::unique_ptr<TlsWatch> tls)
    : strand_(context.strand),
      config_(config),
      outbox_(context.outbox),
      dumps_(context.dumps),
      statsd_(context.statsd),
      boots_(context.boots),
      time_(context.clock),
      identity_(MakeIdentity(config, context.info)),
      tls_(std::move(tls)),
      commands_(context.strand),
      alerts_({.command = config.on_alert.command,
               .on_resolved = config.on_alert.resolved,
               .timeout = config.on_alert.timeout,
               .queue = config.on_alert.queue,
               .device = config.service_name},
              commands_),
      transport_(context.strand, identity_, context.series, this->tls(), KeepaliveFor(config)),
      feed_(std::make_unique<Feed>(FeedConfigOf(config, context), context.strand, transport_,
                                   outbox_, context.clock, alerts_)),
      line_(context.strand, {.waiting = [&outbox = outbox_] { return outbox.counts().queued; },
                             .most_waiting = MostWaitingSamples(config),
                             .on_change = context.on_line}),
      kernel_(context.kernel,
              [this] {
                return AgentCounts{.outbox = outbox_.counts(),
                                   .dumps = dumps_,
                                   .boots = boots_.counts(),
                                   .offline = boots_.boot().offline,
                                   .feed_connects = feed_->connects(),
                                   .alerts_skipped = alerts_.skipped(),
                                   .certificate_left = CertificateLeft(),
                                   .tls_refused = tls_refused_,
                                   .statsd = statsd_.counts()};
              }),
      sampler_(std::make_unique<Sampler>(context.strand, kernel_, context.series, context.clock,
                                         context.samples,
                                         SamplerConfig{.interval = config.sample_interval})),
      status_config_(ServiceStatusFor(config)) {}

void Pipeline::Start() {
  TellOfBoot();
  boots_.OnChange([this] { TellOfBoot(); });
  outbox_.OnArrival([this] {
    feed_->Wake();
    line_.OnArrival();
  });
  feed_->Start();
  if (tls_) FollowTls();
  sampler_->Start();
  status_.emplace(strand_, status_config_, [this] { return Moment(); }, NotifyService);
}

// A connection goes on with what it began with. It makes way for a new one when the agent has a new
// certificate, before the old one ends.
void Pipeline::FollowTls() {
  tls_->OnRenewed([this, shown = tls_->in_use().pem.cert](const TlsMaterial& fresh) mutable {
    if (std::exchange(shown, fresh.pem.cert) != fresh.pem.cert) feed_->Renew();
  });
  tls_->OnRefused([this] { ++tls_refused_; });
  tls_->Start();
}

std::shared_ptr<const SharedTls> Pipeline::tls() const { return tls_ ? tls_->shared() : nullptr; }

void Pipeline::TellOfBoot() {
  DeviceInfo info = identity_.info;
  info.boot = boots_.boot();
  transport_.SetInfo(std::move(info));
}

AgentMoment Pipeline::Moment() const {
  const OutboxCounts counts = outbox_.counts();
  return {.summary = feed_->Describe() + "; " + std::to_string(counts.queued) +
                     " samples queued, " + std::to_string(counts.dropped()) + " dropped",
          .samples_taken = counts.collected,
          .feed_turns = feed_->turns()};
}

void Pipeline::Describe(AgentStatus& status) const {
  status.device = config_.service_name;
  status.link = LinkStatusOf(feed_->status(), strand_.Now());
  status.link.connects = feed_->connects();
  status.samples.interval = config_.sample_interval;
  status.alerts_received = alerts_.received();
  status.alerts_skipped = alerts_.skipped();
  status.applications = ApplicationsStatusOf(statsd_.counts());
  status.uses_tls = config_.tls.has_value();
  if (!tls_) return;
  status.certificate = CertificateStatusOf(config_.tls->cert, tls_->in_use().own);
  status.ca = CertificateStatusOf(config_.tls->ca, tls_->in_use().ca);
}

std::optional<std::chrono::milliseconds> Pipeline::CertificateLeft() const {
  if (!tls_ || !tls_->in_use().own) return std::nullopt;
  return tls_->in_use().own->not_after - time_.At(strand_.SinceBoot());
}

std::optional<SteadyTime> Pipeline::offline_since() const {
  const FeedStatus status = feed_->status();
  return status.connected ? std::nullopt : std::optional(status.since);
}

void Pipeline::Stop(std::function<void()> done) {
  status_.reset();
  tls_.reset();
  boots_.OnChange([] {});
  sampler_.reset();
  feed_->Stop(kStopGrace, [this, done = std::move(done)] {
    outbox_.OnArrival([] {});
    transport_.WhenIdle(done);
  });
}

}  // namespace edgefeed
