#include "agent/alerts/alert_runner.h"

#include <doctest/doctest.h>

#include "tests/support/fake_command_runner.h"
#include "tests/support/log_capture.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

Alert Named(const std::string& rule) {
  return Alert{.rule = rule,
               .message = "edge-07: cpu_usage is 95.5, above 90",
               .value = 95.5,
               .time = FromUnixMillis(1'700'000'000'123)};
}

// An AlertRunner with a fake to run its commands.
struct Runner {
  explicit Runner(std::size_t queue = 16)
      : alerts({.command = {"/usr/bin/siren", "--loud"},
                .timeout = 7s,
                .queue = queue,
                .device = "edge-07"},
               commands) {}

  // The alerts whose commands were started, in order.
  [[nodiscard]] Lines Started() const {
    Lines rules;
    for (const Command& command : commands.commands()) {
      rules.push_back(command.environment.at(1).substr(std::string("EDGEFEED_ALERT=").size()));
    }
    return rules;
  }

  LogCapture log;
  FakeCommandRunner commands;
  AlertRunner alerts;
};

TEST_CASE("the command finds the alert in its environment") {
  Runner runner;
  runner.alerts.Accept(Named("CPU_HIGH"));

  REQUIRE(runner.commands.commands().size() == 1);
  const Command& command = runner.commands.commands()[0];
  CHECK(command.argv == Lines{"/usr/bin/siren", "--loud"});
  CHECK(command.timeout == 7s);
  CHECK(command.environment == Lines{"EDGEFEED_DEVICE=edge-07", "EDGEFEED_ALERT=CPU_HIGH",
                                     "EDGEFEED_STATE=firing",
                                     "EDGEFEED_MESSAGE=edge-07: cpu_usage is 95.5, above 90",
                                     "EDGEFEED_VALUE=95.5", "EDGEFEED_TIMESTAMP_MS=1700000000123"});
}

TEST_CASE("a resolved alert runs the command only if it is wanted") {
  Runner runner;
  Alert alert = Named("CPU_HIGH");
  alert.resolved = true;
  runner.alerts.Accept(alert);
  CHECK(runner.commands.commands().empty());
  CHECK(runner.log.Take().at(0).starts_with("info alert CPU_HIGH is resolved: "));

  AlertRunner wants({.command = {"/usr/bin/siren"}, .on_resolved = true}, runner.commands);
  wants.Accept(alert);
  REQUIRE(runner.commands.commands().size() == 1);
  CHECK(runner.commands.commands()[0].environment.at(2) == "EDGEFEED_STATE=resolved");
}

TEST_CASE("the command finds the severity, when the collector says it") {
  Runner runner;
  Alert alert = Named("CPU_HIGH");
  alert.severity = Severity::kCritical;
  runner.alerts.Accept(alert);
  CHECK(runner.commands.commands()[0].environment.back() == "EDGEFEED_SEVERITY=critical");
}

TEST_CASE("commands run one at a time, in the order of the alerts") {
  Runner runner;
  for (const char* rule : {"A", "B", "C"}) runner.alerts.Accept(Named(rule));
  CHECK(runner.Started() == Lines{"A"});

  runner.commands.Finish(0);
  CHECK(runner.Started() == Lines{"A", "B"});
  runner.commands.Finish(1);  // One that fails does not stop the others.
  CHECK(runner.Started() == Lines{"A", "B", "C"});
  runner.commands.Finish(0);
  CHECK_FALSE(runner.commands.running());

  runner.alerts.Accept(Named("D"));
  CHECK(runner.Started().back() == "D");
}

TEST_CASE("alerts that find the queue full are logged and counted, not run") {
  Runner runner(2);
  for (const char* rule : {"RUNS", "WAITS", "WAITS_TOO", "SKIPPED", "SKIPPED_TOO"}) {
    runner.alerts.Accept(Named(rule));
  }
  CHECK(runner.alerts.skipped() == 2);
  const Lines lines = runner.log.Take();
  CHECK(lines.back() ==
        "error on_alert: 2 alerts wait already, SKIPPED_TOO is not run (2 skipped so far)");

  while (runner.commands.running()) runner.commands.Finish(0);
  CHECK(runner.Started() == Lines{"RUNS", "WAITS", "WAITS_TOO"});
  runner.alerts.Accept(Named("LATER"));
  CHECK(runner.Started().back() == "LATER");
}

TEST_CASE("each alert is logged, and each command that failed") {
  Runner runner;
  runner.alerts.Accept(Named("CPU_HIGH"));
  CHECK(runner.log.Take() == Lines{"warning alert CPU_HIGH: edge-07: cpu_usage is 95.5, above 90"});

  runner.commands.Finish(0);
  CHECK(runner.log.Take().empty());

  runner.alerts.Accept(Named("CPU_HIGH"));
  runner.log.Take();
  runner.commands.Finish(3);
  CHECK(runner.log.Take() == Lines{"error on_alert for CPU_HIGH: /usr/bin/siren exited with 3"});

  runner.alerts.Accept(Named("CPU_HIGH"));
  runner.log.Take();
  runner.commands.Finish(Error{Code::kDeadlineExceeded, "/usr/bin/siren: killed after 7s"});
  CHECK(runner.log.Take() == Lines{"error on_alert for CPU_HIGH: /usr/bin/siren: killed after 7s"});
}

TEST_CASE("without a command alerts are only logged") {
  LogCapture log;
  FakeCommandRunner commands;
  AlertRunner alerts({.command = {}, .device = "edge-07"}, commands);
  for (int i = 0; i < 100; ++i) alerts.Accept(Named("CPU_HIGH"));
  CHECK(commands.commands().empty());
  CHECK(alerts.skipped() == 0);
  CHECK(log.Take().size() == 100);
}

}  // namespace
}  // namespace edgefeed
