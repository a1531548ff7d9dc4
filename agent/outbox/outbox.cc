#include "agent/outbox/outbox.h"

#include <algorithm>
#include <utility>

namespace edgefeed {

Outbox::Outbox(const OutboxLimits& limits, Scheduler& core, std::function<StreamId()> random_stream)
    : limits_(limits), core_(core), lanes_(std::move(random_stream)) {}

void Outbox::Accept(Sample sample) {
  memory_.Add(std::move(sample), core_.Now());
  ++counts_.collected;
  DropOverLimit();
  on_arrival_();
}

void Outbox::DropOverLimit() {
  while (memory_.used() > limits_.memory && memory_.size() > 1) {
    memory_.PopOldest();
    ++counts_.dropped_memory_full;
  }
}

void Outbox::Number(std::size_t count) {
  StreamState& live = lanes_.live();
  memory_.Number(count, {live.id, live.last + 1});
  live.last += count;
}

bool Outbox::Holds(StreamId stream) const { return memory_.Next(stream, 0).has_value(); }

std::vector<StreamPosition> Outbox::BeginConnection() {
  // The newest sample is fresh news, unless it has a number, and so may have been sent before.
  if (memory_.unnumbered() > 1) Number(memory_.unnumbered() - 1);
  lanes_.Turn([this](StreamId stream) { return Holds(stream); });
  std::vector<StreamPosition> held;
  for (StreamState& stream : lanes_.streams()) {
    stream.taken = 0;
    if (Holds(stream.id)) held.push_back({stream.id, stream.last});
  }
  return held;
}

SampleBatch Outbox::TakeLive(std::size_t most) {
  StreamState& live = lanes_.live();
  if (NextBacklog(live)) return {};  // A stream is handed out in order.
  const std::uint64_t first = std::max(live.taken, lanes_.live_floor()) + 1;
  const std::size_t numbered = live.last + 1 - first;
  if (numbered < most) Number(std::min(most - numbered, memory_.unnumbered()));
  SampleBatch batch{.samples = memory_.Copy(live.id, first, Lanes::kNoLimit, most)};
  if (!batch.samples.empty()) MarkTaken(live, batch.samples.back().position.sequence);
  return batch;
}

void Outbox::MarkTaken(StreamState& stream, std::uint64_t sequence) {
  stream.taken = sequence;
  stream.ever_sent = std::max(stream.ever_sent, sequence);
}

std::optional<std::uint64_t> Outbox::NextBacklog(const StreamState& stream) const {
  const auto next = memory_.Next(stream.id, stream.taken);
  if (!next || *next > lanes_.BacklogEnd(stream)) return std::nullopt;
  return next;
}

StreamState* Outbox::NextBacklogStream() {
  const auto found = std::ranges::find_if(
      lanes_.streams(), [this](const StreamState& s) { return NextBacklog(s).has_value(); });
  return found == lanes_.streams().end() ? nullptr : &*found;
}

bool Outbox::HasBacklog() const {
  return std::ranges::any_of(lanes_.streams(),
                             [this](const StreamState& s) { return NextBacklog(s).has_value(); });
}

void Outbox::TakeBacklog(std::size_t most, std::function<void(SampleBatch)> answer) {
  SampleBatch batch{.backlog = true};
  if (StreamState* stream = NextBacklogStream()) {
    batch.samples = memory_.Copy(stream->id, stream->taken + 1, lanes_.BacklogEnd(*stream), most);
    MarkTaken(*stream, batch.samples.back().position.sequence);
  }
  answer(std::move(batch));
}

void Outbox::Acknowledge(const StreamPosition& position) {
  const StreamState* stream = lanes_.Find(position.stream);
  if (stream == nullptr) return;
  // A collector that is wrong, or malicious, cannot have what was never sent.
  const std::uint64_t last = std::min(position.sequence, stream->ever_sent);
  counts_.acknowledged += memory_.EraseUpTo({stream->id, last});
}

void Outbox::Reject(const StreamPosition& position) {
  if (memory_.Erase(position)) ++counts_.dropped_rejected;
}

std::uint64_t Outbox::unacknowledged() const {
  std::uint64_t count = 0;
  for (const StreamState& stream : lanes_.streams()) {
    count += memory_.CountUpTo({stream.id, stream.taken});
  }
  return count;
}

OutboxCounts Outbox::counts() const {
  OutboxCounts counts = counts_;
  counts.queued = memory_.size();
  return counts;
}

}  // namespace edgefeed
