#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "agent/alerts/alert_runner.h"
#include "agent/app/agent_kernel.h"
#include "agent/app/config.h"
#include "agent/app/line_watch.h"
#include "agent/boot/boot_history.h"
#include "agent/clock/device_clock.h"
#include "agent/feed/feed.h"
#include "agent/outbox/outbox.h"
#include "agent/proc/kernel.h"
#include "agent/rpc/grpc_transport.h"
#include "agent/sampler/sampler.h"
#include "agent/statsd/statsd.h"
#include "agent/status/agent_status.h"
#include "agent/status/service_status.h"
#include "common/base/result.h"
#include "common/model/shared_tls.h"
#include "common/pki/tls_watch.h"
#include "common/runtime/child_process.h"
#include "common/runtime/strand.h"

namespace edgefeed {

// What outlives a change of the configuration.
struct PipelineContext {
  Strand& strand;
  Kernel& kernel;
  SeriesTable& series;
  Outbox& outbox;
  SampleSink& samples;      // In front of the outbox.
  const DumpCounts& dumps;  // As of now.
  const Statsd& statsd;
  BootHistory& boots;
  DeviceClock& clock;
  std::optional<SteadyTime> offline_since;  // As the pipeline before left it.
  std::function<void(Line)> on_line;        // Whether the samples need it for themselves.
  DeviceInfo info;  // Without the labels, which the configuration has, and the boot.
};

// The stages that one configuration makes: sampler → (outbox) → feed → alerts. On the core strand.
class Pipeline {
 public:
  // Fails only for TLS files that cannot be used.
  static Result<std::unique_ptr<Pipeline>> Create(const AgentConfig& config,
                                                  const PipelineContext& context);
  void Start();
  // Stops sampling, gives what is queued a moment to be acknowledged, then calls `done`, when the
  // pipeline may be destroyed.
  void Stop(std::function<void()> done);

  // What its connections use; null: plaintext.
  [[nodiscard]] std::shared_ptr<const SharedTls> tls() const;

  // Adds what the stages know.
  void Describe(AgentStatus& status) const;
  // Since when there is no connection; nothing: there is one.
  [[nodiscard]] std::optional<SteadyTime> offline_since() const;

 private:
  Pipeline(const AgentConfig& config, const PipelineContext& context,
           std::unique_ptr<TlsWatch> tls);
  void TellOfBoot();
  void FollowTls();
  [[nodiscard]] AgentMoment Moment() const;
  [[nodiscard]] std::optional<std::chrono::milliseconds> CertificateLeft() const;

  // In the order in which they may use each other: each the ones above it.
  Scheduler& strand_;
  const AgentConfig config_;
  Outbox& outbox_;
  const DumpCounts& dumps_;
  const Statsd& statsd_;
  BootHistory& boots_;
  DeviceClock& time_;
  const GrpcTransport::Identity identity_;  // Without the boot.
  std::unique_ptr<TlsWatch> tls_;           // Null: plaintext.
  std::uint64_t tls_refused_ = 0;           // New files that could not be used.
  ChildProcessRunner commands_;
  AlertRunner alerts_;
  GrpcTransport transport_;
  std::unique_ptr<Feed> feed_;
  LineWatch line_;
  AgentKernel kernel_;
  std::unique_ptr<Sampler> sampler_;
  const ServiceStatusConfig status_config_;
  std::optional<ServiceStatus> status_;
};

}  // namespace edgefeed
