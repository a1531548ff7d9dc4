#include "agent/app/estimate_command.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include "agent/app/agent_kernel.h"
#include "agent/app/config.h"
#include "agent/app/estimate_report.h"
#include "agent/app/link_cost.h"
#include "agent/app/stage_settings.h"
#include "agent/proc/device_identity.h"
#include "agent/proc/linux_kernel.h"
#include "agent/sampler/take_samples.h"
#include "common/base/clock.h"

namespace edgefeed {
namespace {

constexpr std::size_t kSamples = 10;
constexpr std::chrono::milliseconds kLongestInterval{1000};
constexpr std::size_t kRunIdSize = 32;

struct EstimateOptions {
  std::filesystem::path config = kDefaultAgentConfig;
  bool json = false;
};

void ShowProgress(std::size_t taken) {
  std::cerr << "\rSampling this machine: " << taken << " of " << kSamples
            << (taken == kSamples ? "\r\033[K" : "") << std::flush;
}

SampleRun RunFor(const AgentConfig& config) {
  SampleRun run{.count = kSamples, .interval = std::min(config.sample_interval, kLongestInterval)};
  // As after half a day: numbers that grow take more bytes.
  run.first_sequence = static_cast<std::uint64_t>(std::chrono::hours(12) / config.sample_interval);
  if (::isatty(STDERR_FILENO) == 1) run.on_sample = ShowProgress;
  return run;
}

Result<Estimate> EstimateHere(const AgentConfig& config) {
  const SystemClock clock;
  auto machine = LinuxKernel::Open({}, clock);
  if (!machine) return machine.error();
  const SampleRun run = RunFor(config);
  AgentCounts counts{.feed_connects = 1};
  counts.outbox.collected = run.first_sequence;
  AgentKernel kernel(**machine, [&counts] {
    counts.outbox.acknowledged = counts.outbox.collected++;
    counts.outbox.queued = 1;
    return counts;
  });
  SeriesTable series(kMaxAgentSeries);
  const auto samples = TakeSamples(kernel, series, run);
  DeviceInfo info = ReadDeviceIdentity({}, "/etc/os-release");
  info.run_id.assign(kRunIdSize, '0');
  info.agent_version = EDGEFEED_VERSION;
  info.labels = config.labels;
  // The two original fields are values too.
  return MakeEstimate(samples.back().readings.size() + 2,
                      MeasureMessages(config.service_name, info, series, samples),
                      LinkTermsOf(config));
}

ExitCode PrintFor(const EstimateOptions& options) {
  const auto config = LoadAgentConfig(options.config, ProcessEnvironment());
  if (!config) {
    std::cerr << config.error().message << '\n';
    return kExitBadConfig;
  }
  const auto estimate = EstimateHere(*config);
  if (!estimate) {
    std::cerr << "edgefeed-agent: " << estimate.error().message << '\n';
    return kExitFailed;
  }
  if (options.json) {
    PrintEstimateJson(*estimate, std::cout);
  } else {
    PrintEstimate(*estimate, options.config, std::cout);
  }
  return kExitDone;
}

}  // namespace

ExitCode RunEstimate(int argc, const char* const* argv) {
  EstimateOptions options;
  CLI::App cli(
      "Says how many bytes a day the configuration will cost on the link, from samples of this "
      "machine, and what a longer batch_interval would make of it. Takes about ten seconds and "
      "connects to nobody.",
      "edgefeed-agent");
  cli.add_flag("--estimate")->description("Asks for this");
  cli.add_option("-c,--config", options.config, "Configuration file (YAML)")
      ->type_name("FILE")
      ->capture_default_str();
  cli.add_flag("--json", options.json, "A JSON object a line, for programs");
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? kExitDone : kExitUsage;
  }
  return PrintFor(options);
}

}  // namespace edgefeed
