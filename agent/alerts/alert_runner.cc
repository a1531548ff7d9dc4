#include "agent/alerts/alert_runner.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <utility>

namespace edgefeed {

AlertRunner::AlertRunner(AlertRunnerConfig config, CommandRunner& runner)
    : config_(std::move(config)), runner_(runner) {}

void AlertRunner::Accept(const Alert& alert) {
  ++received_;
  if (alert.resolved) {
    spdlog::info("alert {} is resolved: {}", alert.rule, alert.message);
  } else {
    spdlog::warn("alert {}: {}", alert.rule, alert.message);
  }
  if (config_.command.empty() || (alert.resolved && !config_.on_resolved)) return;
  if (waiting_.size() >= config_.queue) {
    ++skipped_;
    spdlog::error("on_alert: {} alerts wait already, {} is not run ({} skipped so far)",
                  waiting_.size(), alert.rule, skipped_);
    return;
  }
  waiting_.push_back(alert);
  RunNext();
}

void AlertRunner::RunNext() {
  if (running_ || waiting_.empty()) return;
  running_ = true;
  const Alert alert = std::move(waiting_.front());
  waiting_.pop_front();
  Command command{
      .argv = config_.command,
      .environment = {"EDGEFEED_DEVICE=" + config_.device, "EDGEFEED_ALERT=" + alert.rule,
                      alert.resolved ? "EDGEFEED_STATE=resolved" : "EDGEFEED_STATE=firing",
                      "EDGEFEED_MESSAGE=" + alert.message,
                      fmt::format("EDGEFEED_VALUE={}", alert.value),
                      fmt::format("EDGEFEED_TIMESTAMP_MS={}", UnixMillis(alert.time))},
      .timeout = config_.timeout};
  if (alert.severity) {
    command.environment.push_back(
        fmt::format("EDGEFEED_SEVERITY={}", SeverityName(*alert.severity)));
  }
  runner_.Run(command, [this, alert](const Result<int>& status) { Finished(alert, status); });
}

void AlertRunner::Finished(const Alert& alert, const Result<int>& status) {
  running_ = false;
  if (!status) {
    spdlog::error("on_alert for {}: {}", alert.rule, status.error().message);
  } else if (*status != 0) {
    spdlog::error("on_alert for {}: {} exited with {}", alert.rule, config_.command[0], *status);
  }
  RunNext();
}

}  // namespace edgefeed
