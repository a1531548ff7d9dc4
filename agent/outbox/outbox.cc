#include "agent/outbox/outbox.h"

#include <algorithm>
#include <utility>

namespace edgefeed {
namespace {

// What one write to disk holds at most: bounds the copy and how long the disk strand is busy.
constexpr std::size_t kMaxGroup = 512;

}  // namespace

Outbox::Outbox(const DiskLane::Context& context, const OutboxLimits& limits, const BootId& boot_id,
               std::function<StreamId()> random_stream)
    : limits_(limits),
      core_(context.core),
      disk_(context, limits.disk, boot_id),
      lanes_(std::move(random_stream)),
      memory_full_(core_, "memory_full",
                   "memory is full and the disk takes nothing; see to the disk, or raise "
                   "outbox.memory_limit"),
      clock_(context.clock),
      spill_until_(SteadyTime::min()) {
  for (const StreamState& stream : disk_.Recover(kMaxStreams - 1)) lanes_.AddRecovered(stream);
  lanes_.BeginAfter(disk_.newest_foreign_order());
}

void Outbox::SetLimits(const OutboxLimits& limits) {
  limits_ = limits;
  disk_.SetLimits(limits.disk);
  DropOverLimit();
}

void Outbox::Accept(Sample sample) {
  // From the first sample on: the constructor does not run on the strand.
  if (!std::exchange(ticking_, true) && state_ == State::kRunning) Tick();
  memory_.Add(std::move(sample), core_.Now());
  ++counts_.collected;
  DropOverLimit();
  WriteWhatIsDue();
  on_arrival_();
}

void Outbox::DropOverLimit() {
  while (memory_.used() > limits_.memory && memory_.size() > 1) {
    memory_.PopOldest();
    ++counts_.dropped_memory_full;
    memory_full_.Add(1);
  }
}

void Outbox::NoteMemory() {
  if (!MemoryIsTight()) memory_full_.HasRoom();
}

void Outbox::Number(std::size_t count) {
  StreamState& live = lanes_.live();
  memory_.Number(count, {live.id, live.last + 1});
  live.last += count;
}

bool Outbox::Holds(StreamId stream) const {
  return disk_.index().Find(stream, 0) || memory_.Next(stream, 0);
}

std::vector<StreamPosition> Outbox::BeginConnection() {
  ++connection_;
  requests_.clear();
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
  const auto next_live = [this] { return std::max(lanes_.live().taken, lanes_.live_floor()); };
  // What had to wait so long that it is on disk has become backlog, and news has a new stream.
  if (disk_.index().Find(lanes_.live().id, next_live())) {
    lanes_.Turn([this](StreamId stream) { return Holds(stream); });
  }
  StreamState& live = lanes_.live();
  if (NextBacklog(live)) return {};  // A stream is handed out in order.
  const std::uint64_t first = next_live() + 1;
  const std::size_t numbered =
      memory_.CountUpTo({live.id, Lanes::kNoLimit}) - memory_.CountUpTo({live.id, first - 1});
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
  const auto on_disk = disk_.index().Find(stream.id, stream.taken);
  const auto next = on_disk ? on_disk->sequence : memory_.Next(stream.id, stream.taken);
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
  requests_.push_back({most, std::move(answer)});
  ServeBacklog();
}

void Outbox::ServeBacklog() {
  while (!requests_.empty() && !disk_.reading()) {
    StreamState* stream = NextBacklogStream();
    if (stream == nullptr) {
      Answer(nullptr, {});
    } else if (const auto place = disk_.index().Find(stream->id, stream->taken)) {
      ReadBacklog(*stream, *place);
    } else {
      Answer(stream, memory_.Copy(stream->id, stream->taken + 1, lanes_.BacklogEnd(*stream),
                                  requests_.front().most));
    }
  }
}

// The answer may ask for more at once.
void Outbox::Answer(StreamState* stream, std::vector<Sample> samples) {
  if (stream != nullptr) MarkTaken(*stream, samples.back().position.sequence);
  const BacklogRequest request = std::move(requests_.front());
  requests_.pop_front();
  request.answer({.backlog = true, .samples = std::move(samples)});
}

void Outbox::ReadBacklog(const StreamState& stream, const SegmentIndex::Place& place) {
  disk_.Read(place, requests_.front().most,
             [this, id = stream.id, connection = connection_](std::vector<Sample> samples) {
               StreamState* from = lanes_.Find(id);
               if (connection == connection_ && from != nullptr) {
                 const std::uint64_t end = lanes_.BacklogEnd(*from);
                 std::erase_if(samples, [end](const Sample& sample) {
                   return sample.position.sequence > end;
                 });
                 if (!samples.empty()) Answer(from, std::move(samples));
               }
               // Asked again when there is a reason to, not in a circle.
               if (disk_.unreadable() && !requests_.empty()) return Answer(nullptr, {});
               ServeBacklog();
             });
}

void Outbox::Acknowledge(const StreamPosition& position) {
  const StreamState* stream = lanes_.Find(position.stream);
  if (stream == nullptr) return;
  // A collector that is wrong, or malicious, cannot have what was never sent.
  const StreamPosition last{stream->id, std::min(position.sequence, stream->ever_sent)};
  const std::uint64_t fresh = memory_.EraseUpTo(last) + disk_.index().EraseUpTo(last);
  counts_.acknowledged += fresh;
  if (fresh > 0) counts_.last_acknowledged = core_.Now();
  NoteMemory();
  disk_.RemoveEmpty();
}

void Outbox::Reject(const StreamPosition& position) {
  counts_.dropped_rejected += memory_.Erase(position) ? 1 : disk_.index().Erase(position);
  disk_.RemoveEmpty();
}

std::uint64_t Outbox::unacknowledged() const {
  std::uint64_t count = 0;
  for (const StreamState& stream : lanes_.streams()) {
    const StreamPosition taken{stream.id, stream.taken};
    count += memory_.CountUpTo(taken) + disk_.index().CountUpTo(taken);
  }
  return count;
}

void Outbox::Tick() {
  tick_ = core_.RunAfter(limits_.sync_every, [this] {
    Tick();
    spill_until_ = core_.Now() - limits_.spill_after;
    // Also when the disk fails: this is when it is tried again.
    if (!disk_.writing() && Due() > 0) WriteOldest(Due());
  });
}

bool Outbox::MemoryIsTight() const { return memory_.used().count > limits_.memory.count / 4 * 3; }

std::size_t Outbox::Due() const {
  const bool all = state_ == State::kShuttingDown || MemoryIsTight() || disk_.WantsTime();
  if (all) return memory_.size();
  return memory_.CountUpTo(spill_until_);
}

void Outbox::WriteWhatIsDue() {
  // A disk that fails is tried again at the next tick only.
  if (disk_.writing() || disk_.failing() || state_ == State::kDown) return;
  if (const std::size_t due = Due(); due > 0) WriteOldest(due);
}

void Outbox::WriteOldest(std::size_t most) {
  most = std::min(most, kMaxGroup);
  const std::size_t numbered = memory_.size() - memory_.unnumbered();
  if (numbered < most) Number(most - numbered);
  const StreamId stream = memory_.oldest().position.stream;
  auto samples = memory_.Copy(stream, 1, Lanes::kNoLimit, most);
  for (Sample& sample : samples) clock_.Stamp(sample);  // All by the same clock.
  std::vector<StreamPosition> positions(samples.size());
  std::ranges::transform(samples, positions.begin(), &Sample::position);
  disk_.Write(lanes_.Find(stream)->order, std::move(samples),
              [this, positions = std::move(positions)](const SpoolWritten& written) {
                OnWritten(written, positions);
              });
}

void Outbox::OnWritten(const SpoolWritten& written, const std::vector<StreamPosition>& positions) {
  if (written.status) {
    std::vector<std::uint64_t> sequences;
    for (const StreamPosition& position : positions) {
      // Those that are settled meanwhile stand on disk for nothing.
      if (memory_.Erase(position)) sequences.push_back(position.sequence);
    }
    disk_.index().Add(written.segment, sequences);
    NoteMemory();
  }
  disk_.RemoveEmpty();
  WriteWhatIsDue();
  if (state_ == State::kShuttingDown && !disk_.writing()) FinishShutdown();
}

void Outbox::Shutdown(Task done) {
  state_ = State::kShuttingDown;
  shut_down_ = std::move(done);
  tick_.Cancel();
  if (disk_.writing()) return;
  if (memory_.empty()) return FinishShutdown();
  WriteOldest(memory_.size());
}

void Outbox::FinishShutdown() {
  state_ = State::kDown;
  disk_.AfterAll(std::exchange(shut_down_, {}));
}

OutboxCounts Outbox::counts() const {
  OutboxCounts counts = counts_;
  counts.queued_on_disk = disk_.index().samples();
  counts.queued = memory_.size() + counts.queued_on_disk;
  counts.disk = disk_.counts();
  counts.disk_size = disk_.size();
  counts.segments = disk_.index().segments();
  if (!memory_.empty()) counts.oldest_in_memory = memory_.oldest_arrived();
  counts.oldest_on_disk = disk_.index().oldest();
  return counts;
}

}  // namespace edgefeed
