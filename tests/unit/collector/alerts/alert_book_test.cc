#include "collector/alerts/alert_book.h"

#include <doctest/doctest.h>

#include "common/digest/alert_id.h"
#include "tests/unit/collector/alerts/book_fixture.h"

namespace edgefeed {
namespace {

TEST_CASE_FIXTURE(BookFixture, "operators are told each change once, with growing numbers") {
  Fire("a");
  Apply(EventOf("a", AlertChange::kEscalated, Severity::kCritical));
  Apply(EventOf("a", AlertChange::kNoData, Severity::kCritical));
  Apply(EventOf("a", AlertChange::kDataBack, Severity::kCritical));
  CHECK(stats.alerts_firing[2] == 1);
  for (std::size_t i = 0; i < told.size(); ++i) CHECK(told[i].number == i + 1);
  CHECK(told.back().started == told.front().event.time);
  CHECK(Told() == Lines{"a: fired", "a: escalated", "a: no data", "a: data back"});
  Apply(EventOf("a", AlertChange::kDeescalated, Severity::kWarning));
  CHECK(Told() == Lines{"a: deescalated"});
  Advance(1h);
  Resolve("a");
  CHECK(Told() == Lines{"a: resolved"});
  CHECK(stats.alerts_firing[1] == 0);
}

TEST_CASE_FIXTURE(BookFixture, "a resolved alert is forgotten when it can flap no more") {
  Fire("a");
  Resolve("a");
  CHECK(book->alerts().size() == 1);
  Advance(flap.within);
  CHECK(book->alerts().empty());
  CHECK(Told().size() == 2);
  CHECK(book->TakeShown().size() == 1);
}

TEST_CASE_FIXTURE(BookFixture, "what is known by its repetitions only fires") {
  Apply(EventOf("a", AlertChange::kRepeated));
  CHECK(Told() == Lines{"a: fired"});
  Resolve("b");
  Apply(EventOf("b", AlertChange::kNoData));
  CHECK(Told().empty());
  CHECK(log.size() == 2);
  CHECK(book->alerts().size() == 1);
}

TEST_CASE_FIXTURE(BookFixture,
                  "what resolves is as severe as it was, whatever a rule that is gone says") {
  Apply(EventOf("a", AlertChange::kFired, Severity::kCritical));
  Apply(EventOf("a", AlertChange::kResolved, Severity::kWarning));
  CHECK(told.back().event.severity == Severity::kCritical);
  CHECK(log.back().event.severity == Severity::kCritical);
}

TEST_CASE_FIXTURE(BookFixture, "what was so once is told once, and fires nothing") {
  AlertEvent late = EventOf("a", AlertChange::kFired);
  late.late = true;
  Apply(late);
  CHECK(told.back().event.late);
  CHECK(Told() == Lines{"a: fired"});
  CHECK(book->alerts().empty());
  CHECK(log.size() == 1);
  Fire("a");
  CHECK(Told() == Lines{"a: fired"});
}

TEST_CASE_FIXTURE(BookFixture, "repetitions are told until somebody acknowledges") {
  Fire("a");
  Apply(EventOf("a", AlertChange::kRepeated));
  CHECK(Told() == Lines{"a: fired", "a: repeated"});
  Acknowledge("a");
  Apply(EventOf("a", AlertChange::kRepeated));
  CHECK(Told().empty());
  CHECK(suppressed(Suppression::kAcknowledged) == 1);
  Apply(EventOf("a", AlertChange::kEscalated, Severity::kCritical));
  CHECK(Told() == Lines{"a: escalated"});
  Resolve("a");
  Fire("a");
  Apply(EventOf("a", AlertChange::kRepeated));
  CHECK(Told() == Lines{"a: resolved", "a: fired", "a: repeated"});
}

TEST_CASE_FIXTURE(BookFixture, "an acknowledgement ends when it expires, or is taken back") {
  Fire("a");
  const AlertTarget target{
      .id = AlertId(EventOf("a", {}).key).substr(0, 5), .device = {}, .rule = {}};
  Acknowledgement acknowledgement{.author = "bob", .comment = {}, .at = {}, .expires = now + 1min};
  REQUIRE(book->Acknowledge(target, acknowledgement, now));
  Advance(59s);
  CHECK(book->alerts().begin()->second.acknowledged);
  Advance(1s);
  CHECK_FALSE(book->alerts().begin()->second.acknowledged);
  REQUIRE(book->Acknowledge(target, acknowledgement, now));
  REQUIRE(book->Unacknowledge(target));
  CHECK_FALSE(book->alerts().begin()->second.acknowledged);
  CHECK(book->Acknowledge({.id = "zz", .device = {}, .rule = {}}, {}, now).error().code ==
        Code::kNotFound);
  Fire("b");
  Fire("c");
  Fire("d");
  // An empty id with nothing else fits nothing.
  CHECK_FALSE(book->Acknowledge({}, {}, now));
}

TEST_CASE_FIXTURE(BookFixture, "what fires and resolves while silenced is not told") {
  AddSilence(SilenceOf("a"));
  Fire("a");
  Fire("b");
  CHECK(suppressed(Suppression::kSilenced) == 1);
  Resolve("a");
  Advance(2h);
  CHECK(Told() == Lines{"b: fired"});
}

TEST_CASE_FIXTURE(BookFixture, "what is different when a silence ends is told") {
  Fire("a");
  Fire("b");
  CHECK(Told().size() == 2);
  AddSilence(SilenceOf("a"));
  const auto second = AddSilence(SilenceOf("b"));
  const auto third = AddSilence(SilenceOf("c"));
  Resolve("a");
  Apply(EventOf("b", AlertChange::kEscalated, Severity::kCritical));
  Fire("c");
  CHECK(Told().empty());
  Expire(second);
  CHECK(Told() == Lines{"b: escalated"});
  Expire(third);
  CHECK(Told() == Lines{"c: fired"});
  Advance(59min);
  CHECK(Told().empty());
  Advance(1min);
  CHECK(Told() == Lines{"a: resolved"});
}

TEST_CASE_FIXTURE(BookFixture, "a silence with a window holds in the window") {
  now = FromUnixMillis(1'700'000'000'000);  // A Tuesday, 22:13:20 UTC.
  Silence nights = SilenceOf("a");
  nights.window = "22:00-23:00";
  AddSilence(nights, 24h * 30);
  Fire("a");
  CHECK(Told().empty());
  Advance(46min);
  CHECK(Told().empty());
  Advance(1min);
  CHECK(Told() == Lines{"a: fired"});
}

TEST_CASE_FIXTURE(BookFixture, "who flaps is told of once more, at the end, as it is then") {
  for (const bool ends_firing : {true, false}) {
    CAPTURE(ends_firing);
    const std::string device = ends_firing ? "a" : "b";
    for (int i = 0; i < 20; ++i) {
      Fire(device);
      Advance(10s);
      Resolve(device);
      Advance(10s);
    }
    CHECK(Told().size() == flap.transitions - 1);  // The last of them: fired.
    if (ends_firing) Fire(device);
    Advance(flap.hold - 11s);
    CHECK(Told().empty());
    Advance(11s);
    CHECK(Told() == (ends_firing ? Lines{} : Lines{"b: resolved"}));
    if (!ends_firing) continue;
    Resolve(device);
    CHECK(Told() == Lines{"a: resolved"});
  }
  CHECK(suppressed(Suppression::kFlapping) > 0);
}

TEST_CASE("without flap damping everything is told") {
  BookFixture fixture(FlapConfig{.transitions = 0});
  for (int i = 0; i < 20; ++i) {
    fixture.Fire("a");
    fixture.Resolve("a");
  }
  CHECK(fixture.Told().size() == 40);
  CHECK(fixture.book->alerts().empty());
}

TEST_CASE_FIXTURE(BookFixture, "children of an offline parent are not told of") {
  GoOffline("gateway", "");
  GoOffline("child", "gateway");
  CHECK(Told() == Lines{"gateway: fired"});
  CHECK(book->Find(AlertId(Offline("child", "", {}).key))->inhibited_by == "gateway");
  CHECK(suppressed(Suppression::kInhibited) == 1);

  SUBCASE("nor when both come back") {
    ComeBack("gateway", "");
    ComeBack("child", "gateway");
    CHECK(Told() == Lines{"gateway: resolved"});
    Advance(1h);
    CHECK(Told().empty());
  }
  SUBCASE("until the parent is back for as long as they are given") {
    ComeBack("gateway", "");
    CHECK(Told() == Lines{"gateway: resolved"});
    Advance(59s);
    Restart();
    CHECK(Told().empty());
    Advance(1s);
    CHECK(Told() == Lines{"child: fired"});
  }
}

TEST_CASE_FIXTURE(BookFixture, "a child that fires first waits for its parent") {
  GoOffline("child", "gateway", 60s);
  CHECK(Told().empty());
  CHECK(book->AwaitedParents() == Lines{"gateway"});

  SUBCASE("which was not heard meanwhile, and fires") {
    book->ParentHeard("gateway", now - 30s);
    Advance(20s);
    Restart();
    CHECK(Told().empty());
    GoOffline("gateway", "", 60s);
    CHECK(Told() == Lines{"gateway: fired"});
    Advance(1h);
    CHECK(Told().empty());
    CHECK(book->AwaitedParents().empty());
  }
  SUBCASE("which was heard meanwhile") {
    book->ParentHeard("gateway", now - 29s);
    Save();
    CHECK(Told() == Lines{"child: fired"});
  }
  SUBCASE("which is heard again") {
    book->ParentHeard("gateway", now - 40s);
    Advance(5s);
    book->ParentHeard("gateway", now);
    Save();
    CHECK(Told() == Lines{"child: fired"});
  }
  SUBCASE("which was never there") {
    book->ParentHeard("gateway", std::nullopt);
    Save();
    CHECK(Told() == Lines{"child: fired"});
  }
  SUBCASE("but not for ever") {
    Advance(59s);
    CHECK(Told().empty());
    Advance(1s);
    CHECK(Told() == Lines{"child: fired"});
  }
  SUBCASE("and comes back itself") {
    ComeBack("child", "gateway");
    Advance(1h);
    CHECK(Told().empty());
  }
}

TEST_CASE_FIXTURE(BookFixture, "a child that was told of is told of when it is back") {
  GoOffline("child", "gateway");
  Advance(60s);
  CHECK(Told() == Lines{"child: fired"});
  GoOffline("gateway", "");
  ComeBack("child", "gateway");
  CHECK(Told() == Lines{"gateway: fired", "child: resolved"});
}

TEST_CASE_FIXTURE(BookFixture, "devices that are each other's parents are told of") {
  GoOffline("a", "b");
  GoOffline("b", "a");
  Advance(60s);
  CHECK(Told().size() == 2);
  GoOffline("c", "c");
  CHECK(Told() == Lines{"c: fired"});
}

TEST_CASE_FIXTURE(BookFixture, "a grandchild is not told of either") {
  GoOffline("site", "");
  GoOffline("gateway", "site");
  GoOffline("child", "gateway");
  CHECK(Told() == Lines{"site: fired"});
  ComeBack("site", "");
  CHECK(Told() == Lines{"site: resolved"});
  Advance(60s);
  CHECK(Told() == Lines{"gateway: fired"});
  Advance(60s);
  CHECK(Told().empty());
}

TEST_CASE_FIXTURE(BookFixture, "while nothing can be written down, little is told, and then all") {
  const std::size_t alerts = AlertBook::kMostNotifications + 5;
  for (std::size_t i = 0; i < alerts; ++i) {
    book->Apply(EventOf("d" + std::to_string(i), AlertChange::kFired), now);
  }
  CHECK(book->changes().notifications.size() == AlertBook::kMostNotifications);
  Save();
  Advance(1s);
  CHECK(told.size() == alerts);
}

TEST_CASE_FIXTURE(BookFixture, "repetitions stand not in the log, suppressed events do") {
  AddSilence(SilenceOf("a"));
  Fire("a");
  Apply(EventOf("a", AlertChange::kRepeated));
  Resolve("a");
  REQUIRE(log.size() == 2);
  CHECK(log[0].suppressed == Suppression::kSilenced);
  CHECK(log[1].event.change == AlertChange::kResolved);
}

}  // namespace
}  // namespace edgefeed
