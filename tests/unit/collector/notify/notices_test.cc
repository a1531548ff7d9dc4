#include "collector/notify/notices.h"

#include <doctest/doctest.h>

#include <deque>
#include <optional>

#include "collector/notify/alert_words.h"
#include "common/digest/alert_id.h"
#include "tests/support/log_capture.h"
#include "tests/support/manual_scheduler.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/collector/notify/some_notification.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

using Numbers = std::vector<std::uint64_t>;

class RecordingSink final : public ParcelSink {
 public:
  void Deliver(std::vector<Parcel> given) override {
    for (Parcel& parcel : given) parcels.push_back(std::move(parcel));
  }
  void Remind(std::vector<Notification> firing) override {
    for (const Notification& each : firing) reminded.push_back(each.number);
  }

  // Since the last call.
  Numbers Take() {
    Numbers numbers;
    for (; taken < parcels.size(); ++taken) numbers.push_back(parcels[taken].notification.number);
    return numbers;
  }

  std::vector<Parcel> parcels;
  std::size_t taken = 0;
  Numbers reminded;
};

// The database of one collector; each Run is a start of it.
class Rig {
 public:
  explicit Rig(std::vector<ReceiverConfig> receivers, NoticesLimits limits = {})
      : receivers_(std::move(receivers)), limits_(limits) {
    Restart();
  }

  // As after kill -9: whatever was not committed is gone.
  void Restart() {
    notices_.reset();
    database_.reset();
    auto database = Database::Open(dir_.path() / "alerts.db", Database::Mode::kReadWrite);
    REQUIRE(database);
    database_ = std::move(*database);
    sinks.clear();
    stats.clear();
    std::vector<NoticeTarget> targets;
    for (const ReceiverConfig& receiver : receivers_) {
      stats.emplace_back().name = receiver.name;
      targets.push_back({.config = receiver,
                         .stats = stats.back(),
                         .sink = sinks.emplace_back(),
                         .reminded = std::holds_alternative<AlertmanagerConfig>(receiver.kind)});
    }
    auto notices =
        Notices::Open({.strand = strand, .database = *database_, .limits = limits_}, targets);
    REQUIRE(notices);
    notices_ = std::move(*notices);
    notices_->Start();
  }

  void Configure(std::vector<ReceiverConfig> receivers) {
    receivers_ = std::move(receivers);
    Restart();
  }

  void Put(const Notification& notification) {
    auto transaction = Transaction::Begin(*database_);
    REQUIRE(transaction);
    REQUIRE(notices_->Put(notification));
    REQUIRE(transaction->Commit());
    notices_->Committed();
  }
  void Put(std::uint64_t number, AlertChange change, const std::string& device = "edge-7") {
    Put(SomeNotification(number, change, device));
  }
  // All that is on its way arrives.
  void Arrive(std::size_t target = 0) {
    while (true) {
      const Numbers numbers = sinks[target].Take();
      if (numbers.empty()) break;
      for (const auto number : numbers) notices_->Settled(target, number);
    }
    strand.Advance(1s);
  }

  [[nodiscard]] std::int64_t Rows(const std::string& table) const {
    const auto count = database_->QueryInteger("SELECT count(*) FROM " + table);
    REQUIRE(count);
    return *count;
  }
  [[nodiscard]] std::uint64_t Dropped(NotificationDrop why, std::size_t target = 0) const {
    return stats[target].dropped[static_cast<std::size_t>(why)];
  }

  Notices& notices() { return *notices_; }
  Database& database() { return *database_; }

  ManualScheduler strand;
  std::deque<RecordingSink> sinks;
  std::deque<ReceiverStats> stats;

 private:
  TempDir dir_;
  std::vector<ReceiverConfig> receivers_;
  NoticesLimits limits_;
  std::optional<Database> database_;
  std::unique_ptr<Notices> notices_;
};

ReceiverConfig Named(std::string name, NotificationMatch match = {}) {
  ReceiverConfig config;
  config.name = std::move(name);
  config.match = std::move(match);
  return config;
}

ReceiverConfig WithRepeats(ReceiverConfig config) {
  config.repeats = true;
  return config;
}

ReceiverConfig Alertmanager(std::string name) {
  ReceiverConfig config = Named(std::move(name));
  config.kind = AlertmanagerConfig{.urls = {"http://127.0.0.1:9093"}};
  return config;
}

TEST_CASE("every receiver that matches is told, in order, and what has arrived is removed") {
  Rig rig({Named("all"), Named("severe", {.severities = {Severity::kCritical}}), Named("too")});
  rig.Put(1, AlertChange::kFired);
  rig.Put(2, AlertChange::kFired, "edge-8");
  CHECK(rig.sinks[0].Take() == Numbers{1});  // The second is given when the first has arrived.
  rig.notices().Settled(0, 1);
  CHECK(rig.sinks[0].Take() == Numbers{2});
  CHECK(rig.sinks[1].Take() == Numbers{});
  CHECK(rig.sinks[2].Take() == Numbers{1});
  CHECK(rig.Rows("notify_waiting") == 4);
  rig.strand.Advance(200ms);
  CHECK(rig.Rows("notify_waiting") == 3);
  CHECK(rig.stats[0].waiting == 1);
  CHECK(rig.stats[2].waiting == 2);
}

TEST_CASE("nothing goes before it is committed, and what is rolled back never goes") {
  Rig rig({Named("ops")});
  {
    auto transaction = Transaction::Begin(rig.database());
    REQUIRE(transaction);
    REQUIRE(rig.notices().Put(SomeNotification(1, AlertChange::kFired)));
    CHECK(rig.sinks[0].Take() == Numbers{});
  }
  rig.Put(2, AlertChange::kFired);
  CHECK(rig.sinks[0].Take() == Numbers{2});
}

TEST_CASE("what has not arrived goes again after a crash, and what has does not") {
  Rig rig({Named("ops")}, {.batch = 2});
  for (std::uint64_t i = 1; i <= 6; ++i) {
    rig.Put(i, AlertChange::kFired, "edge-" + std::to_string(i));
  }
  CHECK(rig.sinks[0].Take() == Numbers{1});
  rig.notices().Settled(0, 1);
  rig.strand.Advance(1s);
  CHECK(rig.sinks[0].Take() == Numbers{2, 3});
  rig.notices().Settled(0, 2);  // Not written down.

  rig.Restart();

  CHECK(rig.sinks[0].Take() == Numbers{2, 3});
  rig.notices().Settled(0, 2);
  CHECK(rig.sinks[0].Take() == Numbers{});
  rig.notices().Settled(0, 3);
  CHECK(rig.sinks[0].Take() == Numbers{4, 5});
}

TEST_CASE("an orderly stop writes down what has arrived, and takes what is put afterwards") {
  Rig rig({Named("ops")});
  rig.Put(1, AlertChange::kFired);
  rig.notices().Settled(0, 1);
  rig.notices().Stop();
  rig.Put(2, AlertChange::kResolved);
  rig.strand.Advance(1h);
  CHECK(rig.sinks[0].Take() == Numbers{1});
  rig.Restart();
  CHECK(rig.sinks[0].Take() == Numbers{2});
}

TEST_CASE("who was told of an alert hears its end, and nobody else; over a restart too") {
  Rig rig({Named("severe", {.severities = {Severity::kCritical}}), Named("all")});
  rig.Put(1, AlertChange::kFired);
  rig.Put(WithSeverity(SomeNotification(2, AlertChange::kFired, "edge-8"), Severity::kCritical));
  rig.Arrive(0);
  rig.Arrive(1);

  rig.Restart();
  rig.Put(3, AlertChange::kResolved);
  rig.Put(4, AlertChange::kResolved, "edge-8");
  rig.Put(5, AlertChange::kResolved, "edge-9");  // Of which nobody was told.
  rig.Arrive(1);

  CHECK(rig.sinks[0].Take() == Numbers{4});
  REQUIRE(rig.sinks[1].parcels.size() == 2);
  CHECK(rig.sinks[1].parcels[1].notification.number == 4);
  CHECK(rig.Rows("notify_known") == 0);
}

TEST_CASE("an alert that has become severe is told of, and then its milder part as well") {
  Rig rig({Named("severe", {.severities = {Severity::kCritical}})});
  rig.Put(1, AlertChange::kFired);
  rig.Put(WithSeverity(SomeNotification(2, AlertChange::kEscalated), Severity::kCritical));
  rig.Put(3, AlertChange::kDeescalated);
  rig.Put(4, AlertChange::kNoData);
  rig.Put(5, AlertChange::kDataBack);
  rig.Put(6, AlertChange::kResolved);
  rig.Arrive();
  const auto& parcels = rig.sinks[0].parcels;
  REQUIRE(parcels.size() == 5);
  CHECK_FALSE(parcels[0].before);
  REQUIRE(parcels[1].before);  // It was critical.
  CHECK(parcels[1].before->number == 2);
  CHECK_FALSE(parcels[2].before);
  CHECK(parcels[4].notification.number == 6);
}

TEST_CASE("repeats go to who wants them, or does not know of the alert yet") {
  Rig rig({Named("quiet"), WithRepeats(Named("loud"))});
  rig.Put(1, AlertChange::kFired);
  rig.Put(2, AlertChange::kRepeated);
  rig.Put(3, AlertChange::kRepeated, "edge-8");
  rig.Arrive(0);
  rig.Arrive(1);
  CHECK(rig.sinks[0].parcels.size() == 2);
  CHECK(rig.sinks[0].parcels[1].notification.number == 3);
  CHECK(rig.sinks[1].parcels.size() == 3);
}

TEST_CASE("what is late goes to those that match, once, and begins nothing") {
  ReceiverConfig critical = Named("critical");
  critical.match.severities = {Severity::kCritical};
  Rig rig({Named("all"), critical});
  Notification late = SomeNotification(1, AlertChange::kFired, "edge-7");
  late.event.late = true;
  late.event.severity = Severity::kWarning;
  rig.Put(late);
  CHECK(rig.sinks[0].Take() == Numbers{1});
  CHECK(rig.sinks[1].Take().empty());
  rig.Arrive();
  rig.Put(2, AlertChange::kResolved);  // Of which nobody knows.
  CHECK(rig.sinks[0].Take().empty());
}

TEST_CASE("the same number twice is one notification") {
  Rig rig({Named("ops")});
  rig.Put(1, AlertChange::kFired);
  rig.Put(1, AlertChange::kFired);
  CHECK(rig.Rows("notify_waiting") == 1);
}

TEST_CASE("a full queue drops its oldest repeats first") {
  Rig rig({WithRepeats(Named("ops"))}, {.waiting = 5});
  rig.Put(1, AlertChange::kFired);
  rig.Put(2, AlertChange::kRepeated);
  rig.Put(3, AlertChange::kRepeated);
  rig.Put(4, AlertChange::kFired, "b");
  rig.Put(5, AlertChange::kResolved, "b");
  rig.Put(6, AlertChange::kFired, "c");
  CHECK(rig.Dropped(NotificationDrop::kRepeat) == 2);
  CHECK(rig.Dropped(NotificationDrop::kSuperseded) == 0);
  rig.Arrive();
  CHECK(rig.sinks[0].parcels.size() == 4);
}

TEST_CASE("a full queue without repeats drops alerts that have begun and ended in it") {
  Rig rig({Named("ops")}, {.waiting = 5});
  rig.Put(1, AlertChange::kFired);
  rig.Put(2, AlertChange::kResolved);
  rig.Put(3, AlertChange::kFired, "b");
  rig.Put(4, AlertChange::kEscalated, "b");
  rig.Put(5, AlertChange::kResolved, "b");
  rig.Put(6, AlertChange::kFired, "c");
  CHECK(rig.Dropped(NotificationDrop::kSuperseded) == 3);
  // The first one is on its way: who hears of it must hear of its end.
  Numbers told;
  rig.Arrive();
  for (const Parcel& parcel : rig.sinks[0].parcels) told.push_back(parcel.notification.number);
  CHECK(told == Numbers{1, 2, 6});
}

TEST_CASE("a queue full of alerts that fire takes no new ones, but changes and ends") {
  Rig rig({WithRepeats(Named("ops"))}, {.waiting = 3});
  rig.Put(1, AlertChange::kFired, "a");
  rig.Put(2, AlertChange::kFired, "b");
  rig.Put(3, AlertChange::kFired, "c");
  rig.Put(4, AlertChange::kFired, "d");
  CHECK(rig.Dropped(NotificationDrop::kFull) == 1);
  rig.Put(5, AlertChange::kRepeated, "c");
  CHECK(rig.Dropped(NotificationDrop::kRepeat) == 1);
  rig.Put(6, AlertChange::kEscalated, "c");
  rig.Put(7, AlertChange::kDeescalated, "c");
  CHECK(rig.Dropped(NotificationDrop::kSuperseded) == 1);
  rig.Put(8, AlertChange::kResolved, "d");  // Of which nobody was told.
  rig.Put(9, AlertChange::kResolved, "a");
  rig.Arrive();
  Numbers told;
  for (const Parcel& parcel : rig.sinks[0].parcels) told.push_back(parcel.notification.number);
  CHECK(told == Numbers{1, 2, 3, 7, 9});
}

TEST_CASE("a receiver knows of so many alerts at most") {
  Rig rig({Named("ops")}, {.known = 1});
  rig.Put(1, AlertChange::kFired, "a");
  rig.Put(2, AlertChange::kFired, "b");
  CHECK(rig.Dropped(NotificationDrop::kTooManyAlerts) == 1);
  rig.Put(3, AlertChange::kResolved, "a");
  rig.Put(4, AlertChange::kFired, "b");
  rig.Arrive();
  CHECK(rig.sinks[0].parcels.size() == 3);
}

TEST_CASE("damaged rows are counted, removed, and hold up nobody") {
  Rig rig({Named("ops")}, {.batch = 3});
  for (std::uint64_t i = 1; i <= 5; ++i) rig.Put(i, AlertChange::kFired, std::to_string(i));
  REQUIRE(rig.database().Run("UPDATE notify_waiting SET body = x'0102' WHERE number IN (1, 3, 5)"));
  REQUIRE(rig.database().Run("UPDATE notify_known SET body = x'' WHERE fingerprint = '" +
                             AlertId(SomeNotification(1, AlertChange::kFired, "2").event.key) +
                             "'"));
  rig.Restart();
  rig.Put(6, AlertChange::kResolved, "2");
  rig.Arrive();
  Numbers told;
  for (const Parcel& parcel : rig.sinks[0].parcels) told.push_back(parcel.notification.number);
  CHECK(told == Numbers{2, 4, 6});
  CHECK(rig.Dropped(NotificationDrop::kUnreadable) == 3);
  CHECK(rig.Rows("notify_waiting") == 0);
}

TEST_CASE("an Alertmanager is reminded every minute of what it was told and still fires") {
  Rig rig({Alertmanager("am"), Named("ops")}, {.reminders = 2});
  for (std::uint64_t i = 1; i <= 3; ++i) rig.Put(i, AlertChange::kFired, std::to_string(i));
  rig.strand.Advance(1min);
  CHECK(rig.sinks[0].reminded == Numbers{});  // Nothing has arrived yet.
  rig.Arrive();
  rig.strand.Advance(1min);
  CHECK(rig.sinks[0].reminded == Numbers{1, 2});
  rig.notices().Reminded(0, {});
  CHECK(rig.sinks[0].reminded == Numbers{1, 2, 3});
  rig.notices().Reminded(0, {});

  rig.Put(4, AlertChange::kResolved, "2");
  rig.Arrive();
  rig.Restart();  // Reminds at once.
  CHECK(rig.sinks[0].reminded == Numbers{1, 3});
  rig.notices().Reminded(0, Error{Code::kUnavailable, "down"});
  rig.strand.Advance(1min);
  CHECK(rig.sinks[0].reminded == Numbers{1, 3, 1, 3});
  rig.strand.Advance(5min);  // It has not answered yet: once is enough.
  CHECK(rig.sinks[0].reminded.size() == 4);
  CHECK(rig.sinks[1].reminded.empty());
}

TEST_CASE("what waits for a receiver that is not configured any more is forgotten, and said") {
  Rig rig({Named("ops"), Named("old")});
  rig.Put(1, AlertChange::kFired);
  LogCapture log;
  rig.Configure({Named("ops"), Named("new")});
  CHECK(log.Take() == std::vector<std::string>{"warning receiver old is not configured any more: 1 "
                                               "notifications for it are dropped"});
  CHECK(rig.Rows("notify_waiting") == 1);
  CHECK(rig.Rows("notify_known") == 1);
  rig.Put(2, AlertChange::kResolved);
  CHECK(rig.sinks[1].Take() == Numbers{});
}

TEST_CASE("how long the oldest has waited shows") {
  Rig rig({Named("ops")});
  rig.Put(1, AlertChange::kFired);
  rig.strand.Advance(95s);
  CHECK(rig.stats[0].oldest_waiting_seconds == 90);
  rig.Arrive();
  CHECK(rig.stats[0].oldest_waiting_seconds == 0);
  CHECK(rig.stats[0].waiting == 0);
}

TEST_CASE("what cannot be written down as arrived is not sent again meanwhile") {
  LogCapture log;
  Rig rig({Named("ops")});
  rig.Put(1, AlertChange::kFired);
  REQUIRE(rig.database().Run("PRAGMA query_only = 1"));
  rig.notices().Settled(0, 1);
  rig.strand.Advance(1min);
  CHECK(log.Take().size() == 1);
  CHECK(rig.sinks[0].parcels.size() == 1);
  REQUIRE(rig.database().Run("PRAGMA query_only = 0"));
  rig.strand.Advance(5s);
  CHECK(rig.Rows("notify_waiting") == 0);
  CHECK(rig.sinks[0].parcels.size() == 1);
}

}  // namespace
}  // namespace edgefeed
