#include "collector/notify/route.h"

#include <doctest/doctest.h>

#include "tests/unit/collector/notify/some_notification.h"

namespace edgefeed {
namespace {

AlertEvent Event() {
  AlertEvent event = SomeNotification(1, AlertChange::kFired).event;
  event.key.series.labels = {{"core", "1"}};
  return event;
}

TEST_CASE("a receiver without conditions is told of everything") { CHECK(Matches({}, Event())); }

TEST_CASE("each condition must hold, and one of its words is enough") {
  NotificationMatch match{.severities = {Severity::kCritical, Severity::kWarning},
                          .rules = {"DISK_*", "CPU_?IGH"},
                          .devices = {"edge-*"},
                          .labels = {{"site", "lab"}},
                          .series_labels = {{"core", "1"}}};
  CHECK(Matches(match, Event()));

  SUBCASE("severity") { match.severities = {Severity::kCritical, Severity::kInfo}; }
  SUBCASE("rule") { match.rules = {"CPU_", "CPU_HIG"}; }
  SUBCASE("device") { match.devices = {"edge"}; }
  SUBCASE("label of the device") { match.labels = {{"site", "roof"}}; }
  SUBCASE("label that the device has not") { match.labels.push_back({"zone", ""}); }
  SUBCASE("label of the series") { match.series_labels = {{"core", "2"}}; }
  SUBCASE("the device's labels are not the series'") { match.series_labels = {{"site", "lab"}}; }
  CHECK_FALSE(Matches(match, Event()));
}

}  // namespace
}  // namespace edgefeed
