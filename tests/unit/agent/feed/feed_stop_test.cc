#include <doctest/doctest.h>

#include "tests/unit/agent/feed/feed_fixture.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using Lines = FeedFixture::Lines;

class StopFixture : public FeedFixture {
 public:
  void Stop(std::chrono::milliseconds grace) {
    feed.Stop(grace, [this] { ++done; });
    CHECK(done == 0);  // Never from inside the call.
  }
  int done = 0;
};

TEST_CASE_FIXTURE(StopFixture, "a feed that stops waits for the last acknowledgements") {
  auto& call = StartAnswered();
  Sample(2);
  call.LetSendAll();
  Stop(3s);
  CHECK(call.half_closed);
  scheduler.Advance(1s);
  CHECK(done == 0);

  call.Store(2, 2);
  call.Close({Code::kCancelled, "ended"});
  CHECK(done == 0);  // Not from inside the event: it may destroy the feed.
  scheduler.RunUntilIdle();

  CHECK(done == 1);
  CHECK(queue.held() == 0);
}

TEST_CASE_FIXTURE(StopFixture,
                  "a collector that says nothing is waited for no longer than the grace") {
  auto& call = StartAnswered();
  Stop(3s);
  scheduler.Advance(2999ms);
  CHECK(done == 0);
  scheduler.Advance(1ms);
  CHECK(done == 1);
  CHECK_FALSE(call.open());
}

TEST_CASE_FIXTURE(StopFixture, "a feed that stops first delivers what is queued") {
  auto& call = StartAnswered();
  Sample(3);
  Stop(3s);
  CHECK_FALSE(call.half_closed);  // 1 is on its way.
  call.LetSend();
  CHECK_FALSE(call.half_closed);
  call.LetSendAll();
  CHECK(call.sent == Lines{"hello", "live 2:1", "live 2:2-3"});
  CHECK(call.half_closed);
}

TEST_CASE_FIXTURE(StopFixture, "a feed that has said that it is done sends nothing new") {
  auto& call = StartAnswered();
  Stop(3s);
  REQUIRE(call.half_closed);
  Sample();
  CHECK(call.sent == Lines{"hello"});
  CHECK(queue.held() == 1);
}

TEST_CASE_FIXTURE(StopFixture,
                  "a backlog that does not leave is waited for no longer than the grace") {
  auto& call = StartAnswered();
  Sample(3);
  Stop(3s);
  scheduler.Advance(3s);
  CHECK(done == 1);
  CHECK_FALSE(call.open());
  CHECK(queue.held() == 3);
}

TEST_CASE_FIXTURE(StopFixture, "a feed that stops asks for no sign of life") {
  auto& call = StartAnswered();
  scheduler.Advance(14s);
  Stop(5s);
  scheduler.Advance(4s);
  CHECK(call.sent == Lines{"hello"});
}

TEST_CASE_FIXTURE(StopFixture, "a feed without a connection stops at once") {
  feed.Start();
  SUBCASE("because it is not there yet") {}
  SUBCASE("because it was lost") { net.last().Close(Lost()); }
  Stop(3s);
  scheduler.RunUntilIdle();
  CHECK(done == 1);
  scheduler.Advance(1h);
  CHECK(net.calls().size() == 1);
  CHECK_FALSE(net.last().open());
}

TEST_CASE_FIXTURE(StopFixture, "a feed that was never started stops too") {
  Stop(3s);
  scheduler.RunUntilIdle();
  CHECK(done == 1);
}

TEST_CASE_FIXTURE(StopFixture, "a feed that has stopped stays so") {
  auto& call = StartAnswered();
  Sample();
  Stop(3s);
  call.Close(Lost());
  scheduler.Advance(1h);
  CHECK(net.calls().size() == 1);
  CHECK(done == 1);
  CHECK(queue.held() == 1);
}

TEST_CASE_FIXTURE(StopFixture, "stopping is not an outage") {
  auto& call = StartAnswered();
  log.Take();
  Stop(3s);
  call.Close(Lost());
  scheduler.RunUntilIdle();
  CHECK(log.Take().empty());
}

}  // namespace
}  // namespace edgefeed
