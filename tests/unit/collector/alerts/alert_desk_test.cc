#include "collector/alerts/alert_desk.h"

#include <doctest/doctest.h>

#include <map>

#include "tests/support/fake_operator_notices.h"
#include "tests/support/log_capture.h"
#include "tests/support/manual_scheduler.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/collector/alerts/book_fixture.h"

namespace edgefeed {
namespace {

// Knows when devices were last seen.
class FakeFleetReader final : public FleetReader {
 public:
  void Get(const std::string& name, Detail /*detail*/,
           std::function<void(Result<DeviceSnapshot>)> answer) override {
    ++asked;
    const auto found = last_seen.find(name);
    if (found == last_seen.end()) return answer(Error{Code::kNotFound, name});
    DeviceSnapshot device;
    device.name = name;
    device.last_seen = found->second;
    answer(device);
  }
  void List(Detail /*detail*/, std::function<void(std::vector<DeviceSnapshot>)> answer) override {
    answer({});
  }

  std::map<std::string, WallTime> last_seen;
  int asked = 0;
};

class Viewer final : public AlertWatcher {
 public:
  void Show(const BookedAlert& alert) override {
    seen.push_back(alert.event.key.device + (alert.now.firing ? " fires" : " is over"));
  }
  void End(const Error& /*why*/) override { ended = true; }
  Lines seen;
  bool ended = false;
};

struct DeskFixture {
  DeskFixture() { Open(); }
  ~DeskFixture() {
    if (desk != nullptr) desk->Stop();
  }
  DeskFixture(const DeskFixture&) = delete;
  DeskFixture& operator=(const DeskFixture&) = delete;

  void Open() {
    auto opened = AlertStore::Open(directory.path() / "alerts.db");
    REQUIRE(opened);
    store = std::move(*opened);
    states = store->found().states;
    desk = std::make_unique<AlertDesk>(*strand, *store, FlapConfig{}, stats);
    desk->Start({.notices = &notices, .fleet = &fleet});
    strand->RunUntilIdle();
  }
  // Without a word, as kill -9 does. What is posted is lost.
  void Kill() {
    desk.reset();
    store.reset();
    const WallTime now = strand->WallNow();
    strand = std::make_unique<ManualScheduler>();
    strand->clock().Advance(now - strand->WallNow());
    Open();
  }
  void Record(const AlertEvent& event, const std::string& state = "state") const {
    AlertEvent timed = event;
    timed.time = strand->WallNow();
    desk->Record({timed}, {.device = event.key.device, .bytes = state});
  }
  Lines Told() {
    Lines devices;
    for (const Notification& notification : notices.committed) {
      devices.push_back(notification.event.key.device);
    }
    return devices;
  }

  TempDir directory;
  std::unique_ptr<ManualScheduler> strand = std::make_unique<ManualScheduler>();
  CollectorStats stats;
  FakeOperatorNotices notices;
  FakeFleetReader fleet;
  std::unique_ptr<AlertStore> store;
  std::vector<DeviceRuleState> states;
  std::unique_ptr<AlertDesk> desk;
};

TEST_CASE_FIXTURE(DeskFixture, "all records that wait go into one transaction") {
  const std::uint64_t before = stats.alert_commits;
  for (int i = 0; i < 100; ++i) Record(EventOf("d" + std::to_string(i), AlertChange::kFired));
  CHECK(stats.alert_records_waiting == 100);
  strand->RunUntilIdle();
  CHECK(stats.alert_records_waiting == 0);
  CHECK(stats.alert_commits == before + 1);
  CHECK(Told().size() == 100);
  Kill();
  CHECK(states.size() == 100);
  CHECK(desk->book().alerts().size() == 100);
  CHECK(Told().size() == 100);
  CHECK(stats.alert_events == 100);
}

TEST_CASE_FIXTURE(DeskFixture, "events and state get to the disk together") {
  Record(EventOf("a", AlertChange::kFired), "one");
  strand->RunUntilIdle();
  Record(EventOf("a", AlertChange::kResolved), "two");
  Kill();
  REQUIRE(states.size() == 1);
  CHECK(states[0].bytes == "one");
  CHECK(desk->book().alerts().begin()->second.now.firing);
}

TEST_CASE_FIXTURE(DeskFixture, "what could not be written down is, later, and told once") {
  LogCapture log;
  notices.answer = Error{Code::kResourceExhausted, "disk full"};
  Record(EventOf("a", AlertChange::kFired), "one");
  strand->RunUntilIdle();
  CHECK(stats.alert_commit_errors == 1);
  Record(EventOf("a", AlertChange::kEscalated, Severity::kCritical), "two");
  Record(EventOf("b", AlertChange::kFired), "three");
  strand->RunUntilIdle();
  CHECK(stats.alert_commit_errors == 1);  // Once a second is enough.
  strand->Advance(1s);
  CHECK(stats.alert_commit_errors == 2);
  CHECK(Told().empty());
  notices.answer = {};
  strand->Advance(1s);
  CHECK(Told() == Lines{"a", "a", "b"});
  CHECK(log.Take().size() == 2);
  Kill();
  CHECK(states.size() == 2);
}

TEST_CASE_FIXTURE(DeskFixture, "a full queue refuses, and counts") {
  for (std::uint64_t i = 0; i < AlertDesk::kMostWaiting; ++i) desk->Record({}, {.device = "a"});
  Record(EventOf("a", AlertChange::kFired));
  CHECK(stats.alert_events_dropped == 1);
  strand->RunUntilIdle();
  Record(EventOf("a", AlertChange::kFired));
  strand->RunUntilIdle();
  CHECK(stats.alert_events == 1);
}

TEST_CASE_FIXTURE(DeskFixture, "who silences is answered when it is on disk") {
  std::optional<Result<Silence>> answer;
  const auto add = [&] {
    answer.reset();
    Silence silence = SilenceOf("a");
    silence.expires = strand->WallNow() + 1h;
    desk->AddSilence(silence, [&](Result<Silence> added) { answer = std::move(added); });
  };
  add();
  CHECK_FALSE(answer);
  strand->RunUntilIdle();
  REQUIRE(answer);
  CHECK(answer->has_value());
  Kill();
  CHECK(desk->book().silences().List().size() == 1);
  Record(EventOf("a", AlertChange::kFired));
  strand->RunUntilIdle();
  CHECK(Told().empty());

  const LogCapture log;
  REQUIRE(store->database().Run("DROP TABLE silence"));
  add();
  strand->RunUntilIdle();
  REQUIRE(answer);
  CHECK_FALSE(answer->has_value());
}

TEST_CASE_FIXTURE(DeskFixture, "acknowledgements survive, and watchers see them") {
  Viewer viewer;
  desk->AddWatcher(viewer);
  Record(EventOf("a", AlertChange::kFired));
  strand->RunUntilIdle();
  bool acknowledged = false;
  desk->Acknowledge(
      {.id = {}, .device = "a", .rule = "HOT"}, {.author = "bob"},
      [&](const Result<AlertDesk::AlertIds>& ids) { acknowledged = ids.has_value(); });
  strand->RunUntilIdle();
  CHECK(acknowledged);
  Record(EventOf("a", AlertChange::kResolved));
  strand->RunUntilIdle();
  strand->Advance(1h);
  CHECK(viewer.seen == Lines{"a fires", "a fires", "a is over"});
  desk->EndWatchers(Error{Code::kUnavailable, "the end"});
  CHECK(viewer.ended);
  Record(EventOf("a", AlertChange::kFired));
  strand->RunUntilIdle();
  CHECK(viewer.seen.size() == 3);
}

TEST_CASE_FIXTURE(DeskFixture, "a silent parent is asked for until it is heard") {
  AlertEvent offline = BookFixture::Offline("child", "gateway", AlertChange::kFired);
  offline.time = strand->WallNow() - 60s;
  fleet.last_seen["gateway"] = strand->WallNow() - 55s;
  desk->Record({offline}, {});
  strand->Advance(5s);
  CHECK(Told().empty());
  CHECK(fleet.asked > 1);
  fleet.last_seen["gateway"] = strand->WallNow();
  strand->Advance(1s);
  CHECK(Told() == Lines{"child"});
  const int asked = fleet.asked;
  strand->Advance(10s);
  CHECK(fleet.asked == asked);
}

TEST_CASE_FIXTURE(DeskFixture, "the next run knows when the collector was last there") {
  strand->Advance(10s);
  const WallTime last = strand->WallNow();
  desk.reset();
  store.reset();
  strand->Advance(1h);
  auto reopened = AlertStore::Open(directory.path() / "alerts.db");
  REQUIRE(reopened);
  CHECK((*reopened)->found().alive == last);
}

TEST_CASE_FIXTURE(DeskFixture, "metrics get some of what fires, and the number of the others") {
  for (const auto* device : {"a", "b", "c", "d"}) Record(EventOf(device, AlertChange::kFired));
  Record(EventOf("d", AlertChange::kResolved));
  FiringAlerts firing;
  desk->ListFiring(2, [&](FiringAlerts answer) { firing = std::move(answer); });
  strand->RunUntilIdle();
  CHECK(firing.alerts.size() == 2);
  CHECK(firing.omitted == 1);
}

}  // namespace
}  // namespace edgefeed
