#include <doctest/doctest.h>

#include <utility>
#include <vector>

#include "tests/unit/agent/outbox/outbox_rig.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kAll = 1000;

TEST_CASE("segments go when all of them is acknowledged") {
  OutboxRig rig;
  rig.Run(200);
  const auto held = rig.outbox().BeginConnection();
  CHECK(rig.TakeAllBacklog(60).size() == 199);
  rig.outbox().Acknowledge({held[0].stream, 100});
  rig.Settle();
  CHECK(rig.storage.files.size() == 1);
  rig.outbox().Acknowledge({held[0].stream, 199});
  rig.Settle();
  CHECK(rig.storage.files.empty());
  CHECK(rig.outbox().counts().segments == 0);
  CHECK(rig.outbox().counts().acknowledged == 199);
  rig.CheckBalance();
}

TEST_CASE("what was taken from disk and not acknowledged comes again at the next connection") {
  OutboxRig rig;
  rig.Run(130);
  const auto held = rig.outbox().BeginConnection();
  CHECK(Values(rig.TakeBacklog(50)) == UpTo(50));
  CHECK(rig.outbox().unacknowledged() == 50);
  rig.outbox().Acknowledge({held[0].stream, 20});
  CHECK(rig.outbox().unacknowledged() == 30);
  rig.outbox().BeginConnection();
  CHECK(rig.outbox().unacknowledged() == 0);
  CHECK(rig.TakeAllBacklog(50) == UpTo(129, 21));
}

TEST_CASE("the acknowledged beginning of a segment is passed over, however long") {
  OutboxRig rig;
  rig.Run(130);
  const auto held = rig.outbox().BeginConnection();
  rig.TakeAllBacklog();
  rig.outbox().BeginConnection();
  rig.outbox().Acknowledge({held[0].stream, 100});
  CHECK(Values(rig.TakeBacklog(5)) == UpTo(105, 101));
}

TEST_CASE("a connection that begins while samples are read is not answered for the one before") {
  OutboxRig rig;
  rig.Run(130);
  rig.outbox().BeginConnection();
  bool answered = false;
  rig.outbox().TakeBacklog(10, [&](const SampleBatch& /*batch*/) { answered = true; });
  rig.outbox().BeginConnection();
  CHECK(Values(rig.TakeBacklog(10)) == UpTo(10));
  CHECK_FALSE(answered);
}

TEST_CASE("samples that are acknowledged while they are read or written do not come back") {
  OutboxRig rig;
  rig.Run(130);
  const auto held = rig.outbox().BeginConnection();
  rig.TakeBacklog(20);
  SampleBatch batch;
  rig.outbox().TakeBacklog(20, [&](SampleBatch taken) { batch = std::move(taken); });
  rig.outbox().Reject({held[0].stream, 25});
  rig.Settle();
  CHECK(batch.samples.size() == 19);

  rig.TakeAllBacklog();
  rig.outbox().TakeLive(kAll);
  rig.outbox().Shutdown([] {});
  rig.outbox().Acknowledge({held[0].stream, 129});
  rig.Settle();
  CHECK(rig.outbox().counts().queued == 1);  // The live one.
  rig.CheckBalance();
}

TEST_CASE("live samples that nobody takes become backlog, and news overtakes them") {
  OutboxRig rig;
  rig.outbox().BeginConnection();
  rig.Add(1);
  const SampleBatch first = rig.outbox().TakeLive(kAll);
  rig.Run(130);
  const SampleBatch live = rig.outbox().TakeLive(kAll);
  CHECK(StreamOf(live) != StreamOf(first));
  CHECK(Values(live).back() == 131);
  CHECK(rig.outbox().HasBacklog());
  const std::uint64_t next = Values(live).front();
  CHECK(rig.TakeAllBacklog() == UpTo(next - 1, 2));
}

}  // namespace
}  // namespace edgefeed
