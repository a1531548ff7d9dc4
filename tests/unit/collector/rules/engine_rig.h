#pragma once

#include <string>
#include <vector>

#include "collector/rules/rule_engine.h"
#include "tests/support/fake_alert_recorder.h"
#include "tests/support/fake_fleet_updates.h"
#include "tests/support/manual_scheduler.h"

namespace edgefeed {

// What came of one sample.
struct Verdict {
  std::vector<Alert> alerts;    // That the device is told, without the resolved ones.
  bool firing_changed = false;  // The fleet was told.
  std::vector<AlertEvent> events;
};

// A rule engine, and what is around it.
class EngineRig {
 public:
  explicit EngineRig(std::size_t capacity = 100) : series(capacity) {}

  Verdict Observe(const std::string& device, const Sample& sample, Lane lane = Lane::kLive) {
    engine.Observe(device, sample, lane);
    return Take(device);
  }
  // What has happened on the device since the last call.
  Verdict Take(const std::string& device) {
    Verdict verdict{
        .alerts = {}, .firing_changed = !fleet.Take().empty(), .events = recorder.Take()};
    while (const Alert* const next = engine.Next(device, 0)) {
      const Alert alert = *next;
      engine.Acknowledge(device, alert.number);
      if (alert.resolved) continue;
      verdict.alerts.push_back(alert);
      verdict.alerts.back().number = 0;
    }
    return verdict;
  }

  ManualScheduler scheduler;
  SeriesTable series;
  CollectorStats stats;
  FakeFleetUpdates fleet;
  FakeAlertRecorder recorder;
  RuleEngine engine{scheduler, series, fleet, recorder, stats};
};

}  // namespace edgefeed
