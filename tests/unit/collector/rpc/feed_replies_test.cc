#include "collector/rpc/feed_replies.h"

#include <doctest/doctest.h>

#include <chrono>
#include <vector>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

constexpr WallTime kWall{1'000'000ms};
constexpr SteadyTime kStart{1h};

FeedReply Take(FeedReplies& replies, SteadyTime now = kStart) {
  return replies.Take(nullptr, now, kWall);
}

TEST_CASE("what is stored is acknowledged at once, then every four seconds, or each 600 samples") {
  FeedReplies replies(kAllFeatures);
  replies.Accepted({7, 700});
  CHECK(!replies.all_stored());
  CHECK(!replies.acknowledge_by());

  replies.Stored({7, 1}, kStart);
  CHECK(replies.is_due());
  CHECK(Take(replies).stored == std::vector<StreamPosition>{{7, 1}});
  CHECK(!replies.is_due());

  replies.Stored({7, 2}, kStart + 1s);
  CHECK(!replies.is_due());
  CHECK(replies.acknowledge_by() == kStart + 4s);
  replies.Stored({7, 3}, kStart + 4s);
  CHECK(replies.is_due());
  CHECK(Take(replies, kStart + 4s).stored == std::vector<StreamPosition>{{7, 3}});

  replies.Stored({7, 602}, kStart + 5s);
  CHECK(!replies.is_due());
  replies.Stored({7, 603}, kStart + 5s);
  CHECK(replies.is_due());
  CHECK(!replies.all_stored());
  replies.Stored({7, 700}, kStart + 5s);
  CHECK(replies.all_stored());
}

TEST_CASE("what is stored goes with whatever is said, and is not said again") {
  FeedReplies replies(kAllFeatures);
  replies.Stored({7, 1}, kStart);
  static_cast<void>(Take(replies));
  replies.Stored({7, 2}, kStart + 1s);
  const Alert alert{.number = 4, .rule = "CPU_HIGH", .severity = Severity::kWarning};
  const FeedReply reply = replies.Take(&alert, kStart + 1s, kWall);
  CHECK(reply.alert == alert);
  CHECK(reply.stored == std::vector<StreamPosition>{{7, 2}});
  CHECK(!replies.acknowledge_by());
  replies.AcknowledgeStored();
  CHECK(!replies.is_due());
  replies.Acknowledge();  // A sign of life.
  CHECK(replies.is_due());
  CHECK(Take(replies, kStart + 2s) == FeedReply{});
}

TEST_CASE("all that there is to say goes in one message, the time every ten minutes") {
  FeedReplies replies(kAllFeatures);
  replies.Greet({.stored = {{7, 5}}});
  replies.Reject({{{7, 6}, "in the future"}});
  replies.Reject({{{7, 7}, "in the future"}});
  replies.Leave({.addresses = {"other:1"}, .after = 1s});
  CHECK(replies.is_due());
  const FeedReply reply = Take(replies);
  CHECK(reply.welcome == Welcome{.stored = {{7, 5}}});
  CHECK(reply.rejected.size() == 2);
  CHECK(reply.redirect == Redirect{.addresses = {"other:1"}, .after = 1s});
  CHECK(reply.server_time == kWall);
  CHECK(!replies.is_due());
  CHECK(Take(replies, kStart + 10min - 1s) == FeedReply{});
  CHECK(Take(replies, kStart + 10min) == FeedReply{.server_time = kWall});
}

TEST_CASE("an original client hears of alerts only, without what it does not know") {
  FeedReplies replies(Features{});
  replies.Greet({});
  replies.Reject({{{7, 6}, "in the future"}});
  replies.Leave({});
  replies.Stored({7, 1}, kStart);
  replies.Acknowledge();
  CHECK(!replies.is_due());
  CHECK(!replies.acknowledge_by());
  const Alert alert{.number = 4, .rule = "CPU_HIGH", .severity = Severity::kWarning};
  CHECK(replies.Take(&alert, kStart, kWall) == FeedReply{.alert = Alert{.rule = "CPU_HIGH"}});
}

TEST_CASE("a client without numbered alerts is told no number") {
  FeedReplies replies(Features{.batches = true});
  const Alert alert{.number = 4, .rule = "CPU_HIGH", .severity = Severity::kWarning};
  const auto told = replies.Take(&alert, kStart, kWall).alert;
  CHECK(told == Alert{.rule = "CPU_HIGH", .severity = Severity::kWarning});
}

TEST_CASE("who does not read what is rejected is to send nothing more") {
  FeedReplies replies(kAllFeatures);
  replies.Reject(std::vector<Rejection>(1023));
  CHECK(!replies.is_full());
  replies.Reject(std::vector<Rejection>(1));
  CHECK(replies.is_full());
  CHECK(Take(replies).rejected.size() == 1024);
  CHECK(!replies.is_full());
}

}  // namespace
}  // namespace edgefeed
