#include "agent/outbox/outbox.h"

#include <doctest/doctest.h>

#include <vector>

#include "tests/unit/agent/outbox/outbox_rig.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

using Sequences = std::vector<std::uint64_t>;

constexpr std::size_t kAll = 1000;

TEST_CASE("live samples are numbered when they are taken and stay until they are acknowledged") {
  OutboxRig rig;
  rig.outbox().BeginConnection();
  CHECK(rig.outbox().TakeLive(kAll).samples.empty());
  rig.Add(3);

  const SampleBatch batch = rig.outbox().TakeLive(2);
  CHECK_FALSE(batch.backlog);
  CHECK(Numbers(batch) == Sequences{1, 2});
  CHECK(Values(batch) == Sequences{1, 2});
  CHECK(Numbers(rig.outbox().TakeLive(kAll)) == Sequences{3});
  CHECK(rig.outbox().unacknowledged() == 3);
  CHECK(rig.outbox().counts().queued == 3);

  rig.outbox().Acknowledge({StreamOf(batch), 2});
  CHECK(rig.outbox().unacknowledged() == 1);
  CHECK(rig.outbox().counts().queued == 1);
  CHECK(rig.outbox().counts().acknowledged == 2);
  CHECK_FALSE(rig.outbox().HasBacklog());
  rig.CheckBalance();
}

TEST_CASE("at the first connection all is backlog but the newest sample, which is news") {
  OutboxRig rig;
  rig.Add(4);
  const auto held = rig.outbox().BeginConnection();
  REQUIRE(held.size() == 1);
  CHECK(held[0].sequence == 3);

  const SampleBatch live = rig.outbox().TakeLive(kAll);
  CHECK(Values(live) == Sequences{4});
  CHECK(Numbers(live) == Sequences{1});
  CHECK(StreamOf(live) != held[0].stream);

  CHECK(rig.outbox().HasBacklog());
  const SampleBatch backlog = rig.TakeBacklog(2);
  CHECK(backlog.backlog);
  CHECK(StreamOf(backlog) == held[0].stream);
  CHECK(Values(backlog) == Sequences{1, 2});
  CHECK(Values(rig.TakeBacklog(2)) == Sequences{3});
  CHECK_FALSE(rig.outbox().HasBacklog());
  CHECK(rig.TakeBacklog(2).samples.empty());
  CHECK(rig.outbox().unacknowledged() == 4);
}

TEST_CASE("what was sent and not acknowledged comes again as backlog, under its own number") {
  OutboxRig rig;
  rig.outbox().BeginConnection();
  rig.Add(4);
  const SampleBatch first = rig.outbox().TakeLive(3);
  rig.outbox().Acknowledge({StreamOf(first), 1});

  const auto held = rig.outbox().BeginConnection();
  CHECK(held == std::vector<StreamPosition>{{StreamOf(first), 3}});
  CHECK(rig.outbox().unacknowledged() == 0);
  const SampleBatch live = rig.outbox().TakeLive(kAll);
  CHECK(Values(live) == Sequences{4});
  CHECK(StreamOf(live) != StreamOf(first));
  const SampleBatch again = rig.TakeBacklog(kAll);
  CHECK(Numbers(again) == Sequences{2, 3});
  CHECK(Values(again) == Sequences{2, 3});
}

TEST_CASE("the newest sample is backlog once it was sent") {
  OutboxRig rig;
  rig.outbox().BeginConnection();
  rig.Add(1);
  rig.outbox().TakeLive(kAll);
  CHECK(rig.outbox().BeginConnection().size() == 1);
  CHECK(rig.outbox().TakeLive(kAll).samples.empty());
  CHECK(Values(rig.TakeBacklog(kAll)) == Sequences{1});
}

TEST_CASE("backlog comes oldest stream first, and a batch is of one stream") {
  OutboxRig rig;
  for (int connection = 0; connection < 3; ++connection) {
    rig.outbox().BeginConnection();
    rig.Add(2);
    rig.outbox().TakeLive(kAll);
  }
  CHECK(rig.outbox().BeginConnection().size() == 3);
  CHECK(Values(rig.TakeBacklog(kAll)) == Sequences{1, 2});
  CHECK(Values(rig.TakeBacklog(kAll)) == Sequences{3, 4});
  CHECK(Values(rig.TakeBacklog(kAll)) == Sequences{5, 6});
  CHECK_FALSE(rig.outbox().HasBacklog());
}

TEST_CASE("what an answer to Hello acknowledges is not sent again") {
  OutboxRig rig;
  rig.outbox().BeginConnection();
  rig.Add(3);
  rig.outbox().TakeLive(kAll);
  const auto held = rig.outbox().BeginConnection();
  rig.outbox().Acknowledge({held[0].stream, 2});
  CHECK(Values(rig.TakeBacklog(kAll)) == Sequences{3});
}

TEST_CASE("only what was sent can be acknowledged") {
  OutboxRig rig;
  rig.outbox().BeginConnection();
  rig.Add(3);
  const SampleBatch batch = rig.outbox().TakeLive(1);
  rig.outbox().Acknowledge({StreamOf(batch), 1000});  // A collector that is wrong, or malicious.
  rig.outbox().Acknowledge({StreamOf(batch) + 1, 1000});
  CHECK(rig.outbox().counts().acknowledged == 1);
  CHECK(Numbers(rig.outbox().TakeLive(kAll)) == Sequences{2, 3});
}

TEST_CASE("an acknowledgement that is old or repeated changes nothing") {
  OutboxRig rig;
  rig.outbox().BeginConnection();
  rig.Add(3);
  const StreamId stream = StreamOf(rig.outbox().TakeLive(kAll));
  for (const std::uint64_t sequence : {2, 2, 1, 0}) rig.outbox().Acknowledge({stream, sequence});
  CHECK(rig.outbox().unacknowledged() == 1);
  CHECK(rig.outbox().counts().acknowledged == 2);
  rig.CheckBalance();
}

TEST_CASE("when something was last acknowledged is known") {
  OutboxRig rig;
  rig.Add(2);
  const auto sent = (rig.outbox().BeginConnection(), rig.outbox().TakeLive(1));
  CHECK_FALSE(rig.outbox().counts().last_acknowledged);
  rig.outbox().Acknowledge(sent.samples.back().position);
  const SteadyTime then = rig.core->Now();
  CHECK(rig.outbox().counts().last_acknowledged == then);
  rig.Advance(std::chrono::seconds(9));
  rig.outbox().Acknowledge(sent.samples.back().position);  // Nothing new.
  CHECK(rig.outbox().counts().last_acknowledged == then);
}

TEST_CASE("a refused sample goes, the ones around it stay") {
  OutboxRig rig;
  rig.outbox().BeginConnection();
  rig.Add(3);
  const StreamId stream = StreamOf(rig.outbox().TakeLive(kAll));
  rig.outbox().Reject({stream, 2});
  rig.outbox().Reject({stream, 2});
  rig.outbox().Reject({stream, 0});
  rig.outbox().Reject({0, 0});
  CHECK(rig.outbox().counts().dropped_rejected == 1);
  CHECK(rig.outbox().unacknowledged() == 2);
  rig.outbox().BeginConnection();
  CHECK(Numbers(rig.TakeBacklog(kAll)) == Sequences{1, 3});
  rig.CheckBalance();
}

TEST_CASE("as many streams are held as may be, then the newest goes on, in order") {
  OutboxRig rig;
  for (int connection = 0; connection < 100; ++connection) {
    CHECK(rig.outbox().BeginConnection().size() <= kMaxStreams);
    rig.Add(2);
    rig.outbox().TakeLive(1);
  }
  rig.outbox().BeginConnection();
  // The live stream has an older part, which goes first.
  CHECK(rig.outbox().TakeLive(kAll).samples.empty());
  Sequences values;
  while (rig.outbox().HasBacklog()) {
    for (const std::uint64_t value : Values(rig.TakeBacklog(7))) values.push_back(value);
  }
  CHECK(values.size() == 199);
  CHECK(std::ranges::is_sorted(values));
  CHECK(Values(rig.outbox().TakeLive(kAll)) == Sequences{200});
  rig.CheckBalance();
}

TEST_CASE("memory that is full drops its oldest samples when no disk takes them, and counts them") {
  OutboxRig rig({.memory = KiB(16)});
  rig.storage.FailCalls(0);
  for (int i = 0; i < 100; ++i) {
    rig.Add(1, 64);  // More than 1 KiB each.
    rig.Settle();
    rig.CheckBalance();
  }
  const OutboxCounts counts = rig.outbox().counts();
  CHECK(counts.queued > 8);
  CHECK(counts.queued < 16);
  CHECK(counts.dropped_memory_full == 100 - counts.queued);
  const auto lines = rig.log.Take();
  REQUIRE(lines.size() == 2);  // That nothing can be written, and what that costs.
  CHECK(lines[1] ==
        "warning outbox: the oldest samples are lost from now on (memory_full): memory is full and "
        "the disk takes nothing; see to the disk, or raise outbox.memory_limit");
  rig.outbox().BeginConnection();
  CHECK(Values(rig.TakeBacklog(kAll)).front() == counts.dropped_memory_full + 1);

  const StreamId stream = rig.outbox().BeginConnection()[0].stream;
  rig.outbox().Acknowledge({stream, 98});
  CHECK(rig.log.Take().empty());  // It may be full again with the next sample.
  rig.Advance(60s);
  rig.outbox().Acknowledge({stream, 99});
  CHECK(rig.log.Take() == std::vector<std::string>{"info outbox: there is room again, " +
                                                   std::to_string(counts.dropped_memory_full) +
                                                   " samples were lost within 0s (memory_full)"});
}

TEST_CASE("memory that is free again is used again") {
  OutboxRig rig({.memory = KiB(16)});
  rig.outbox().BeginConnection();
  for (int i = 0; i < 1000; ++i) {
    rig.Add(1, 64);
    rig.outbox().Acknowledge(rig.outbox().TakeLive(1).samples.front().position);
  }
  CHECK(rig.outbox().counts().dropped() == 0);
  CHECK(rig.outbox().counts().acknowledged == 1000);
}

TEST_CASE("a sample that is larger than the whole memory is still kept until the next") {
  OutboxRig rig({.memory = Bytes{1}});
  rig.outbox().BeginConnection();
  rig.Add(2, 500);
  CHECK(Values(rig.outbox().TakeLive(kAll)) == Sequences{2});
  CHECK(rig.outbox().counts().dropped_memory_full == 1);
}

TEST_CASE("full memory that drops what is on its way sends nothing twice and skips nothing") {
  OutboxRig rig({.memory = KiB(16)});
  rig.outbox().BeginConnection();
  StreamId stream = 0;
  for (std::uint64_t sequence = 1; sequence <= 100; ++sequence) {
    rig.Add(1, 64);
    const SampleBatch batch = rig.outbox().TakeLive(kAll);
    CHECK(Numbers(batch) == Sequences{sequence});
    stream = StreamOf(batch);
  }
  rig.outbox().Acknowledge({stream, 100});
  CHECK(rig.outbox().counts().queued == 0);
  rig.CheckBalance();
}

TEST_CASE("the listener hears of each sample when it can be sent already") {
  OutboxRig rig;
  rig.outbox().BeginConnection();
  Sequences heard;
  rig.outbox().OnArrival([&] { heard.push_back(Numbers(rig.outbox().TakeLive(kAll)).back()); });
  rig.Add(2);
  CHECK(heard == Sequences{1, 2});
}

}  // namespace
}  // namespace edgefeed
