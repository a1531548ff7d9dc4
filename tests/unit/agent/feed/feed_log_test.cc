#include <doctest/doctest.h>

#include "common/base/units.h"
#include "tests/unit/agent/feed/feed_fixture.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using Lines = FeedFixture::Lines;

TEST_CASE_FIXTURE(FeedFixture, "an outage is two lines, however many tries it takes") {
  StartAnswered();
  CHECK(log.Take() == Lines{"info connected to collector:50051"});

  net.last().Close(Lost());
  const SteadyTime lost = scheduler.Now();
  for (int i = 0; i < 50; ++i) {
    WaitForConnection();
    net.last().Close({Code::kUnavailable, "try " + std::to_string(i)});
  }
  WaitForConnection();
  const auto outage = std::chrono::duration_cast<std::chrono::seconds>(scheduler.Now() - lost);
  net.last().Answer(kAllFeatures);

  CHECK(log.Take() ==
        Lines{"warning lost collector collector:50051: connection reset (UNAVAILABLE); samples "
              "are kept and it is tried again",
              "info connected to collector:50051 after " + FormatDuration(outage)});
}

TEST_CASE_FIXTURE(FeedFixture, "a collector that was never there is two lines as well") {
  feed.Start();
  for (int i = 0; i < 5; ++i) {
    WaitForConnection();
    net.last().Close({Code::kUnavailable, "connection refused"});
  }
  WaitForConnection();
  net.last().Answer(kAllFeatures);

  const Lines lines = log.Take();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] ==
        "warning lost collector collector:50051: connection refused (UNAVAILABLE); "
        "samples are kept and it is tried again");
  CHECK(lines[1].starts_with("info connected to collector:50051 after "));
}

TEST_CASE_FIXTURE(FeedFixture,
                  "a collector that lets in and throws out again is not logged each time") {
  StartAnswered();
  for (int i = 0; i < 20; ++i) Reconnect({Code::kAlreadyExists, "another device uses the name"});
  CHECK(log.Take().size() == 3);
}

TEST_CASE_FIXTURE(FeedFixture, "another reason is worth a line") {
  StartAnswered();
  for (int i = 0; i < 3; ++i) Reconnect({Code::kAlreadyExists, "another device uses the name"});
  log.Take();
  Reconnect({Code::kUnauthenticated, "certificate has expired"});
  const Lines lines = log.Take();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].find("certificate has expired (UNAUTHENTICATED)") != std::string::npos);
}

TEST_CASE_FIXTURE(FeedFixture, "the same reason after a healthy time is an outage of its own") {
  StartAnswered();
  Reconnect();
  log.Take();
  for (int i = 0; i < 8; ++i) {
    scheduler.Advance(10s);
    net.last().Reply({});
  }
  Reconnect();
  CHECK(log.Take().size() == 2);
}

TEST_CASE_FIXTURE(FeedFixture, "with several collectors the lines name the ones they are about") {
  FeedFixture pair({.collectors = {{"a", 1}, {"b", 2}}});
  pair.feed.Start();
  pair.net.last().Answer(kAllFeatures);
  pair.net.last().Close(Lost());
  pair.WaitForConnection();
  pair.net.last().Answer(kAllFeatures);
  const Lines lines = pair.log.Take();
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == "info connected to a:1");
  CHECK(lines[1].starts_with("warning lost collector a:1: "));
  CHECK(lines[2].starts_with("info connected to b:2 after "));
}

}  // namespace
}  // namespace edgefeed
