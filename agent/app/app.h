#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "agent/app/config.h"
#include "agent/app/dump_pipeline.h"
#include "agent/app/pipeline.h"
#include "agent/app/recent_samples.h"
#include "agent/app/status_desk.h"
#include "agent/boot/boot_history.h"
#include "agent/clock/device_clock.h"
#include "agent/outbox/file_storage.h"
#include "agent/outbox/outbox.h"
#include "agent/proc/linux_kernel.h"
#include "agent/statsd/statsd.h"
#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/model/series.h"
#include "common/runtime/strand.h"

namespace edgefeed {

// The agent. Everything from the main thread; the stages live on the core strand, those of crash
// dumps on one of their own.
class AgentApp {
 public:
  // Starts everything; the error says which part could not be, and why. A collector that is not
  // there is no error.
  // `file`: what `config` was read from, for people.
  static Result<std::unique_ptr<AgentApp>> Start(const AgentConfig& config,
                                                 const std::filesystem::path& file);
  ~AgentApp();
  AgentApp(const AgentApp&) = delete;
  AgentApp& operator=(const AgentApp&) = delete;

  // Goes on with another configuration: no sample is lost. Keeps the old one when `fresh` is an
  // error, or names TLS files that cannot be used. Logs what came of it.
  void Reload(const Result<AgentConfig>& fresh);

  // Delivers what it can in 3 s, writes the rest to disk, and stops.
  void Stop();

 private:
  AgentApp(const AgentConfig& config, const std::filesystem::path& file);

  Status Apply(const AgentConfig& config);
  Status StartPipeline(const AgentConfig& config);
  void StopPipeline();
  void StartDumps(const AgentConfig& config);
  void StopDumps();
  void SetLine(Line line);  // On the dumps strand.
  void WriteOutbox();
  [[nodiscard]] PipelineContext Context();

  // In the order in which they may use each other: each the ones above it.
  SystemClock clock_;
  std::unique_ptr<LinuxKernel> kernel_;
  DeviceInfo info_;
  SeriesTable series_;
  Strand strand_;
  DeviceClock device_clock_;
  Strand disk_strand_;
  BootHistory boots_;
  FileStorage storage_;
  Outbox outbox_;
  std::unique_ptr<Pipeline> pipeline_;
  std::optional<SteadyTime> offline_since_;  // While there is no pipeline.
  Strand dumps_strand_;
  RecentSamples recent_;
  DumpCounts dump_counts_;  // On the core strand.
  StatusDesk desk_;
  Statsd statsd_;
  Timer started_;            // Until what the start took can be given back. On the dumps strand.
  Line line_ = Line::kFree;  // On the dumps strand.
  std::unique_ptr<DumpPipeline> dumps_;
};

}  // namespace edgefeed
