#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "agent/ports.h"
#include "common/runtime/child_process.h"

namespace edgefeed {

struct AlertRunnerConfig {
  std::vector<std::string> command;  // argv; empty runs nothing.
  bool on_resolved = false;          // Runs it also when an alert does not fire any more.
  std::chrono::milliseconds timeout{10000};
  std::size_t queue = 16;  // Alerts that may wait for the one that runs.
  std::string device;
};

// Logs each alert and runs the configured command for it: one at a time, in order, time-limited.
// One that finds the queue full is logged and counted, not run. On the core strand.
//
// The command finds in its environment: EDGEFEED_DEVICE, EDGEFEED_ALERT (the rule's name),
// EDGEFEED_STATE (firing or resolved), EDGEFEED_MESSAGE, EDGEFEED_VALUE, EDGEFEED_TIMESTAMP_MS
// (Unix time), and EDGEFEED_SEVERITY when the collector says it.
class AlertRunner final : public AlertSink {
 public:
  AlertRunner(AlertRunnerConfig config, CommandRunner& runner);

  void Accept(const Alert& alert) override;

  [[nodiscard]] std::uint64_t received() const { return received_; }
  [[nodiscard]] std::uint64_t skipped() const { return skipped_; }

 private:
  void RunNext();
  void Finished(const Alert& alert, const Result<int>& status);

  AlertRunnerConfig config_;
  CommandRunner& runner_;
  std::deque<Alert> waiting_;
  bool running_ = false;
  std::uint64_t received_ = 0;
  std::uint64_t skipped_ = 0;
};

}  // namespace edgefeed
