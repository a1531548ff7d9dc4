#include "collector/alerts/silence.h"

#include <doctest/doctest.h>

#include "collector/alerts/silence_list.h"
#include "tests/unit/collector/alerts/book_fixture.h"

namespace edgefeed {
namespace {

const WallTime kNow = FromUnixMillis(1'700'000'000'000);

Silence Good() {
  Silence silence = SilenceOf("cam-1");
  silence.expires = kNow + 1h;
  return silence;
}

TEST_CASE("a matcher looks at one property of an alert") {
  AlertEvent event = EventOf("cam-1", AlertChange::kFired, Severity::kCritical);
  event.key.series.labels = {{"zone", "cpu"}};
  event.device_labels = {{"site", "lab"}};
  struct Case {
    AlertMatcher matcher;
    bool fits;
  };
  for (const Case& c : std::initializer_list<Case>{
           {{"device", MatchKind::kIs, "cam-1"}, true},
           {{"device", MatchKind::kIs, "cam-*"}, false},
           {{"device", MatchKind::kIsLike, "cam-?"}, true},
           {{"device", MatchKind::kIsNot, "cam-1"}, false},
           {{"rule", MatchKind::kIs, "HOT"}, true},
           {{"severity", MatchKind::kIs, "critical"}, true},
           {{"severity", MatchKind::kIsNot, "critical"}, false},
           {{"metric", MatchKind::kIsLike, "t*"}, true},
           {{"labels.zone", MatchKind::kIs, "cpu"}, true},
           {{"device.labels.site", MatchKind::kIs, "lab"}, true},
           {{"device.labels.rack", MatchKind::kIs, ""}, true},
           {{"device.labels.rack", MatchKind::kIsLike, "?*"}, false},
       }) {
    CAPTURE(c.matcher.field);
    CAPTURE(c.matcher.value);
    CHECK(Matches(c.matcher, event) == c.fits);
  }
}

TEST_CASE("a silence covers what all of its matchers fit") {
  Silence silence = Good();
  silence.matchers.push_back({"rule", MatchKind::kIs, "COLD"});
  CHECK_FALSE(SilenceInForce(silence).Covers(EventOf("cam-1", AlertChange::kFired)));
  CHECK(SilenceInForce(Good()).Covers(EventOf("cam-1", AlertChange::kFired)));
}

TEST_CASE("a silence says who, why, what, and until when") {
  CHECK(CheckSilence(Good(), kNow));
  const auto wrong = [](auto change) {
    Silence silence = Good();
    change(silence);
    const Status checked = CheckSilence(silence, kNow);
    return !checked && checked.error().code == Code::kInvalidArgument;
  };
  CHECK(wrong([](Silence& s) { s.matchers.clear(); }));
  CHECK(wrong([](Silence& s) { s.matchers.resize(33, s.matchers[0]); }));
  CHECK(wrong([](Silence& s) { s.matchers[0].field = "labels."; }));
  CHECK(wrong([](Silence& s) { s.matchers[0].field = "host"; }));
  CHECK(wrong([](Silence& s) { s.matchers[0] = {"severity", MatchKind::kIs, "bad"}; }));
  CHECK(wrong([](Silence& s) { s.matchers[0].value = "cam-*"; }));
  CHECK(wrong([](Silence& s) { s.author.clear(); }));
  CHECK(wrong([](Silence& s) { s.comment.clear(); }));
  CHECK(wrong([](Silence& s) { s.comment.assign(1025, 'x'); }));
  CHECK(wrong([](Silence& s) { s.expires = kNow; }));
  CHECK(wrong([](Silence& s) { s.expires = kNow + Silence::kLongest + 1ms; }));
  CHECK(wrong([](Silence& s) { s.window = "at night"; }));
}

TEST_CASE("silences that ended stay for five days, and their numbers are not used again") {
  SilenceList list;
  const auto first = list.Add(Good(), kNow);
  REQUIRE(first);
  CHECK(list.Look(kNow));
  CHECK(list.Holds(first->number));
  CHECK_FALSE(list.Look(kNow + 1min));
  CHECK(list.Look(kNow + 1h));
  CHECK_FALSE(list.Holds(first->number));
  CHECK(list.Expire(first->number, kNow + 1h).error().code == Code::kNotFound);
  CHECK(list.Expire(77, kNow).error().code == Code::kNotFound);
  CHECK(list.Forget(kNow + 1h + SilenceList::kKept - 1ms).empty());
  CHECK(list.Forget(kNow + 1h + SilenceList::kKept).size() == 1);
  CHECK(list.Add(Good(), kNow)->number == first->number + 1);
}

TEST_CASE("there is a limit to the number of silences") {
  SilenceList list;
  for (std::size_t i = 0; i < SilenceList::kMost; ++i) REQUIRE(list.Add(Good(), kNow));
  CHECK(list.Add(Good(), kNow).error().code == Code::kResourceExhausted);
}

}  // namespace
}  // namespace edgefeed
