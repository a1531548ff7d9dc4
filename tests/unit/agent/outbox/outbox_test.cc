#include "agent/outbox/outbox.h"

#include <doctest/doctest.h>

#include <vector>

namespace edgefeed {
namespace {

Sample Numbered(std::uint64_t sequence, std::size_t readings = 0) {
  Sample sample{.sequence = sequence};
  sample.readings.resize(readings);
  return sample;
}

void Fill(Outbox& outbox, std::uint64_t first, std::uint64_t last) {
  for (std::uint64_t sequence = first; sequence <= last; ++sequence) {
    outbox.Accept(Numbered(sequence));
  }
}

// Sends everything that is unsent.
std::vector<std::uint64_t> SendAll(Outbox& outbox) {
  std::vector<std::uint64_t> sent;
  while (const Sample* sample = outbox.NextUnsent()) {
    sent.push_back(sample->sequence);
    outbox.MarkSent();
  }
  return sent;
}

using Sequences = std::vector<std::uint64_t>;

void CheckBalance(const Outbox& outbox) {
  const OutboxCounts counts = outbox.counts();
  CHECK(counts.collected ==
        counts.acknowledged + counts.queued + counts.dropped_full + counts.rejected);
}

TEST_CASE("samples leave oldest first and stay until they are acknowledged") {
  Outbox outbox(MiB(1));
  CHECK(outbox.NextUnsent() == nullptr);
  Fill(outbox, 1, 3);

  CHECK(SendAll(outbox) == Sequences{1, 2, 3});
  CHECK(outbox.unacknowledged() == 3);
  CHECK(outbox.counts().queued == 3);

  outbox.Acknowledge(2);
  CHECK(outbox.unacknowledged() == 1);
  CHECK(outbox.counts().queued == 1);
  CHECK(outbox.counts().acknowledged == 2);
  CheckBalance(outbox);
}

TEST_CASE("after a rewind what was not acknowledged is sent again, oldest first, before the new") {
  Outbox outbox(MiB(1));
  Fill(outbox, 1, 4);
  SendAll(outbox);
  outbox.Acknowledge(1);
  outbox.Accept(Numbered(5));

  outbox.Rewind();

  CHECK(outbox.unacknowledged() == 0);
  CHECK(SendAll(outbox) == Sequences{2, 3, 4, 5});
}

TEST_CASE("only what was sent can be acknowledged") {
  Outbox outbox(MiB(1));
  Fill(outbox, 1, 3);
  outbox.MarkSent();
  outbox.Acknowledge(1000);  // A collector that is wrong, or malicious.
  CHECK(SendAll(outbox) == Sequences{2, 3});
  CHECK(outbox.counts().acknowledged == 1);
}

TEST_CASE("an acknowledgement that is old or repeated changes nothing") {
  Outbox outbox(MiB(1));
  Fill(outbox, 5, 7);
  SendAll(outbox);
  outbox.Acknowledge(4);
  CHECK(outbox.unacknowledged() == 3);
  outbox.Acknowledge(6);
  outbox.Acknowledge(6);
  CHECK(outbox.unacknowledged() == 1);
  CheckBalance(outbox);
}

TEST_CASE("a full outbox drops its oldest samples and counts them") {
  Outbox outbox(KiB(16));
  for (std::uint64_t sequence = 1; sequence <= 100; ++sequence) {
    outbox.Accept(Numbered(sequence, 64));  // More than 1 KiB each.
    CheckBalance(outbox);
  }
  const OutboxCounts counts = outbox.counts();
  CHECK(counts.queued > 8);
  CHECK(counts.queued < 16);
  CHECK(counts.dropped_full == 100 - counts.queued);

  const Sequences sent = SendAll(outbox);
  CHECK(sent.front() == counts.dropped_full + 1);
  CHECK(sent.back() == 100);
}

TEST_CASE("memory that is free again is used again") {
  Outbox outbox(KiB(16));
  for (std::uint64_t sequence = 1; sequence <= 1000; ++sequence) {
    outbox.Accept(Numbered(sequence, 64));
    SendAll(outbox);
    outbox.Acknowledge(sequence);
  }
  CHECK(outbox.counts().dropped_full == 0);
  CHECK(outbox.counts().acknowledged == 1000);
}

TEST_CASE("a sample that is larger than the whole outbox is still kept until the next") {
  Outbox outbox(Bytes{1});
  outbox.Accept(Numbered(1, 1000));
  CHECK(outbox.NextUnsent()->sequence == 1);
  outbox.Accept(Numbered(2, 1000));
  CHECK(outbox.NextUnsent()->sequence == 2);
  CHECK(outbox.counts().dropped_full == 1);
}

TEST_CASE("a full outbox that drops what is on its way sends nothing twice and skips nothing") {
  Outbox outbox(KiB(16));
  for (std::uint64_t sequence = 1; sequence <= 8; ++sequence) {
    outbox.Accept(Numbered(sequence, 64));
  }
  CHECK(SendAll(outbox).size() == 8);
  for (std::uint64_t sequence = 9; sequence <= 100; ++sequence) {
    outbox.Accept(Numbered(sequence, 64));
    CHECK(SendAll(outbox) == Sequences{sequence});
  }
  outbox.Acknowledge(100);
  CHECK(outbox.counts().queued == 0);
  CheckBalance(outbox);
}

TEST_CASE("a refused sample goes, the ones behind it stay") {
  Outbox outbox(MiB(1));
  Fill(outbox, 1, 3);
  SendAll(outbox);
  outbox.RejectOldest();
  outbox.Rewind();
  CHECK(SendAll(outbox) == Sequences{2, 3});
  CHECK(outbox.counts().rejected == 1);
  CheckBalance(outbox);

  Outbox empty(MiB(1));
  empty.RejectOldest();
  CHECK(empty.counts().rejected == 0);
}

TEST_CASE("the listener hears of each sample when it can be sent already") {
  Outbox outbox(MiB(1));
  Sequences heard;
  outbox.OnArrival([&] { heard.push_back(outbox.NextUnsent()->sequence); });
  outbox.Accept(Numbered(1));
  outbox.MarkSent();
  outbox.Accept(Numbered(2));
  CHECK(heard == Sequences{1, 2});
}

}  // namespace
}  // namespace edgefeed
