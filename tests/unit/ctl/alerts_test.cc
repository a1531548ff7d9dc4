#include "ctl/alerts.h"

#include <doctest/doctest.h>

#include <sstream>
#include <string>

#include "tests/support/manual_scheduler.h"
#include "tests/unit/ctl/fake_alert_client.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

struct AlertsFixture {
  AlertsFixture() {
    client.alerts = {{.id = "3fa2000000000001",
                      .device = "cam-01",
                      .rule = "HOT",
                      .severity = "critical",
                      .message = "cam-01 is \x1b[31mhot",
                      .started = clock.Wall() - 5min,
                      .at = clock.Wall(),
                      .suppressed = "silenced",
                      .acknowledged_by = "bob",
                      .comment = "on it",
                      .json = R"({"id":"3fa2"})"}};
  }
  std::string Show() {
    out.str({});
    REQUIRE(RunAlerts(client, options, clock, console));
    return out.str();
  }

  ManualClock clock;
  std::ostringstream out;
  std::ostringstream err;
  Console console{.out = out, .err = err};
  FakeAlertClient client;
  CtlOptions options;
};

TEST_CASE_FIXTURE(AlertsFixture, "alerts are a table, harmless for a terminal") {
  options.alerts.device = "cam-01";
  options.alerts.severity = "critical";
  const std::string text = Show();
  CHECK(client.asked_device == "cam-01");
  CHECK(client.asked_severity == "critical");
  CHECK(text.find("3fa20000") != std::string::npos);
  CHECK(text.find("5m ago") != std::string::npos);
  CHECK(text.find("silenced, acknowledged by bob: on it") != std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
  options.json = true;
  CHECK(Show() == "{\"id\":\"3fa2\"}\n");
  client.alerts.clear();
  options.json = false;
  CHECK(Show() == "no alerts\n");
}

TEST_CASE_FIXTURE(AlertsFixture, "a watch prints a line for each change, and says why it ended") {
  options.alerts.watch = true;
  client.alerts.push_back(client.alerts[0]);
  client.alerts[1].phase = AlertPhase::kResolved;
  const Status ended = RunAlerts(client, options, clock, console);
  REQUIRE_FALSE(ended);
  CHECK(ended.error().code == Code::kUnavailable);
  CHECK(out.str().find("critical  cam-01  HOT") != std::string::npos);
  CHECK(out.str().find("resolved  cam-01  HOT") != std::string::npos);
}

TEST_CASE_FIXTURE(AlertsFixture, "the history is asked for a stretch of time") {
  options.alerts.history = true;
  options.alerts.rule = "HOT";
  client.alerts[0].change = "fired";
  CHECK(Show().find("fired") != std::string::npos);
  CHECK(client.asked_past->from == clock.Wall() - 24h);
  CHECK(client.asked_past->to == clock.Wall());
  CHECK(client.asked_past->rule == "HOT");
  CHECK(client.asked_past->limit == 100);
}

TEST_CASE_FIXTURE(AlertsFixture, "a silence has matches, an end, and an author") {
  options.silence = {.matches = {"device=a=b", "severity!=info", "rule=~C*"},
                     .lasts = 2h,
                     .author = {},
                     .comment = "works",
                     .window = "22:00-06:00",
                     .numbers = {}};
  REQUIRE(RunSilenceAdd(client, options, "ann", clock, console));
  REQUIRE(client.added);
  CHECK(client.added->author == "ann");
  CHECK(client.added->expires == clock.Wall() + 2h);
  CHECK(client.added->window == "22:00-06:00");
  REQUIRE(client.added->matches.size() == 3);
  CHECK(client.added->matches[0].value == "a=b");
  CHECK(client.added->matches[1].relation == "!=");
  CHECK(client.added->matches[1].field == "severity");
  CHECK(client.added->matches[2].relation == "=~");
  CHECK(client.added->matches[2].value == "C*");
  CHECK(out.str().starts_with("silence 7 until "));

  for (const auto* text : {"device", "=x", "!=x"}) {
    CAPTURE(text);
    options.silence.matches = {text};
    CHECK(RunSilenceAdd(client, options, "ann", clock, console).error().code ==
          Code::kInvalidArgument);
  }
}

TEST_CASE_FIXTURE(AlertsFixture, "silences are listed and ended") {
  client.silences = {{.number = 3,
                      .matches = {{.field = "device", .relation = "=~", .value = "cam-*"}},
                      .author = "ann",
                      .comment = "works",
                      .expires = clock.Wall() + 90s,
                      .holds = true},
                     {.number = 4, .expires = clock.Wall() - 3min}};
  REQUIRE(RunSilenceList(client, options, clock, console));
  CHECK(out.str().find("device=~cam-*") != std::string::npos);
  CHECK(out.str().find("in 1m 30s") != std::string::npos);
  CHECK(out.str().find("ended 3m ago") != std::string::npos);
  options.silence.numbers = {3, 4};
  REQUIRE(RunSilenceRemove(client, options, console));
  CHECK(client.expired == options.silence.numbers);
}

TEST_CASE_FIXTURE(AlertsFixture, "an alert is acknowledged by its id, or by device and rule") {
  options.acknowledge.alert = "3fa2";
  options.acknowledge.lasts = 1h;
  REQUIRE(RunAcknowledge(client, options, "bob", clock, console));
  CHECK(client.acknowledged->alert.id == "3fa2");
  CHECK(client.acknowledged->author == "bob");
  CHECK(client.acknowledged->expires == clock.Wall() + 1h);
  CHECK(out.str() == "cam-01: HOT acknowledged\n");
  options.acknowledge.alert = "cam-01/HOT";
  REQUIRE(RunUnacknowledge(client, options, console));
  CHECK(client.unacknowledged->id.empty());
  CHECK(client.unacknowledged->device == "cam-01");
  CHECK(client.unacknowledged->rule == "HOT");
}

}  // namespace
}  // namespace edgefeed
