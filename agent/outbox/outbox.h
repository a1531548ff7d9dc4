#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "agent/outbox/disk_lane.h"
#include "agent/outbox/lanes.h"
#include "agent/outbox/memory_lane.h"
#include "agent/ports.h"
#include "common/base/units.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// What became of the samples, true at every moment:
// collected + recovered = acknowledged + queued + dropped().
struct OutboxCounts {
  std::uint64_t collected = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t queued = 0;               // In memory and on disk, also those on their way.
  std::uint64_t queued_on_disk = 0;       // Of them.
  std::uint64_t dropped_memory_full = 0;  // Made room for newer ones while no disk took them.
  std::uint64_t dropped_rejected = 0;     // Refused by the collector for good.
  DiskCounts disk;                        // Its recovered and dropped ones are part of the balance.
  Bytes disk_size;
  std::uint64_t segments = 0;
  std::optional<SteadyTime> last_acknowledged;  // When the collector last had stored something.
  // When the oldest of the queued came, of those in memory; and about when it was taken, of those
  // on disk, by the clock of then. The latter is the older one when there are both.
  std::optional<SteadyTime> oldest_in_memory;
  std::optional<WallTime> oldest_on_disk;

  [[nodiscard]] std::uint64_t dropped() const {
    return dropped_memory_full + dropped_rejected + disk.dropped_outbox_full +
           disk.dropped_disk_full + disk.dropped_damaged;
  }
};

struct OutboxLimits {
  Bytes memory = MiB(16);
  SpoolLimits disk;
  // A sample that is not acknowledged after this time is written to disk …
  std::chrono::milliseconds spill_after{10'000};
  // … together with others, at most this often. The two together are what a power cut may take.
  std::chrono::milliseconds sync_every{60'000};
};

// Holds the samples until the collector has them. Two lanes: what arrives while a connection lasts
// is live and leaves first; everything older is backlog and leaves in order. Memory comes first:
// while the collector keeps up nothing is written. Never fails to open: damage costs what is
// damaged, and without a disk the samples stay in memory. On the core strand.
class Outbox final : public SampleSink, public SampleQueue {
 public:
  // Reads the storage here and now, before the disk strand can touch it. `random_stream` names new
  // streams: 64 random bits. Destroy it on the core strand, and when it has been shut down.
  Outbox(const DiskLane::Context& context, const OutboxLimits& limits, const BootId& boot_id,
         std::function<StreamId()> random_stream);
  ~Outbox() override = default;
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  void SetLimits(const OutboxLimits& limits);
  // Called after each sample that arrives; nobody listens by default.
  void OnArrival(std::function<void()> listener) { on_arrival_ = std::move(listener); }

  void Accept(Sample sample) override;

  std::vector<StreamPosition> BeginConnection() override;
  SampleBatch TakeLive(std::size_t most) override;
  void TakeBacklog(std::size_t most, std::function<void(SampleBatch)> answer) override;
  [[nodiscard]] bool HasBacklog() const override;
  void Acknowledge(const StreamPosition& position) override;
  void Reject(const StreamPosition& position) override;
  [[nodiscard]] std::uint64_t unacknowledged() const override;

  // Writes all that is in memory to disk, then calls `done`, also when that is not possible. From
  // then on nothing is written and nothing of the outbox waits on a strand. Once.
  void Shutdown(Task done);

  [[nodiscard]] OutboxCounts counts() const;

 private:
  enum class State { kRunning, kShuttingDown, kDown };
  struct BacklogRequest {
    std::size_t most = 0;
    std::function<void(SampleBatch)> answer;
  };

  [[nodiscard]] bool Holds(StreamId stream) const;
  void Number(std::size_t count);
  static void MarkTaken(StreamState& stream, std::uint64_t sequence);
  void DropOverLimit();
  void NoteMemory();

  // The next sample of the stream's backlog that was not taken.
  [[nodiscard]] std::optional<std::uint64_t> NextBacklog(const StreamState& stream) const;
  StreamState* NextBacklogStream();
  void ServeBacklog();
  void Answer(StreamState* stream, std::vector<Sample> samples);
  void ReadBacklog(const StreamState& stream, const SegmentIndex::Place& place);

  void Tick();
  [[nodiscard]] bool MemoryIsTight() const;
  // How many of the oldest samples in memory ought to be on disk by now.
  [[nodiscard]] std::size_t Due() const;
  void WriteWhatIsDue();
  void WriteOldest(std::size_t most);
  void FinishShutdown();
  void OnWritten(const SpoolWritten& written, const std::vector<StreamPosition>& positions);

  OutboxLimits limits_;
  Scheduler& core_;
  DiskLane disk_;
  Lanes lanes_;
  MemoryLane memory_;
  OutboxCounts counts_;
  DropEpisode memory_full_;
  std::function<void()> on_arrival_ = [] {};

  std::deque<BacklogRequest> requests_;
  std::uint64_t connection_ = 0;  // Counts them: an answer for an earlier one is of no use.

  Timer tick_;
  bool ticking_ = false;
  SampleClock& clock_;
  SteadyTime spill_until_;  // Samples that came before go to disk.
  State state_ = State::kRunning;
  Task shut_down_;
};

}  // namespace edgefeed
