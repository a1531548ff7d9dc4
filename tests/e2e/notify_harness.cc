// What the collector does about notifications, without the rest of it: opens alerts.db and the
// receivers of a configuration, puts some notifications, and tells of them until SIGTERM.
//
// usage: edgefeed_notify_harness DIRECTORY CONFIG [NUMBER:CHANGE:SEVERITY:DEVICE]…

#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "collector/app/config.h"
#include "collector/app/notify_stage.h"
#include "collector/notify/alert_words.h"
#include "collector/sqlite/sqlite.h"
#include "collector/stats.h"
#include "common/base/clock.h"
#include "common/model/notification.h"
#include "common/model/severity.h"
#include "common/runtime/signals.h"
#include "common/runtime/strand.h"

namespace edgefeed {
namespace {

Notification Parse(const std::string& text, WallTime now) {
  std::istringstream fields(text);
  std::string number;
  std::string change;
  std::string severity;
  Notification notification;
  std::getline(fields, number, ':');
  std::getline(fields, change, ':');
  std::getline(fields, severity, ':');
  notification.number = std::stoull(number);
  notification.started = now;
  AlertEvent& event = notification.event;
  std::getline(fields, event.key.device);
  event.key.rule = "CPU_HIGH";
  event.key.series.metric = "cpu_usage";
  event.change = static_cast<AlertChange>(std::ranges::find(kAlertChangeNames, change) -
                                          kAlertChangeNames.begin());
  event.severity = SeverityFrom(severity).value_or(Severity::kWarning);
  event.value = 97.5;
  event.threshold = 90;
  event.message = event.key.device + ": cpu_usage is \"97.5\", above 90 – tell";
  event.time = now;
  event.device_labels = {{"site", "lab"}};
  return notification;
}

Status Put(Database& database, NotifyStage& stage, const Notification& notification) {
  auto transaction = Transaction::Begin(database);
  if (!transaction) return transaction.error();
  if (Status put = stage.notices().Put(notification); !put) return put;
  if (Status committed = transaction->Commit(); !committed) return committed;
  stage.notices().Committed();
  return {};
}

int Fail(const Error& error) {
  std::cerr << error.message << std::endl;
  return 1;
}

int Main(std::span<char*> arguments) {
  BlockSignals();
  auto config = LoadCollectorConfig(arguments[2], ProcessEnvironment());
  if (!config) return Fail(config.error());
  const SystemClock clock;
  CollectorStats stats;
  auto database =
      Database::Open(std::filesystem::path(arguments[1]) / "alerts.db", Database::Mode::kReadWrite);
  if (!database) return Fail(database.error());
  Strand alerts("alerts", clock);
  auto stage = NotifyStage::Open(
      config->notify, {.alerts = alerts, .database = *database, .clock = clock, .stats = stats});
  if (!stage) return Fail(stage.error());
  Status put;
  for (const std::string text : arguments.subspan(3)) {
    RunOn(alerts, [&] { put = Put(*database, **stage, Parse(text, clock.Wall())); });
    if (!put) return Fail(put.error());
  }
  std::cout << "ready" << std::endl;
  while (WaitForSignal() == Signal::kReload) continue;
  stage->reset();
  std::cout << "stopped" << std::endl;
  return 0;
}

}  // namespace
}  // namespace edgefeed

int main(int argc, char** argv) { return edgefeed::Main({argv, static_cast<std::size_t>(argc)}); }
