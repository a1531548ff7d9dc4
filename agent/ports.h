#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/digest/sha256.h"
#include "common/model/alert.h"
#include "common/model/clock_trust.h"
#include "common/model/dump.h"
#include "common/model/sample.h"

// What one stage of the agent offers to another. All are called on the core strand, but what is
// about dumps.
namespace edgefeed {

// Where the sampler delivers. The sample's readings refer to the agent's one SeriesTable.
class SampleSink {
 public:
  virtual ~SampleSink() = default;
  // Never blocks and never fails: a full sink drops its oldest samples and counts them.
  virtual void Accept(Sample sample) = 0;
};

// What time it was at a moment of this boot, as well as that is known by now.
class SampleClock {
 public:
  virtual ~SampleClock() = default;
  [[nodiscard]] virtual WallTime At(std::chrono::milliseconds since_boot) = 0;
  // How well At() knew it the last time.
  [[nodiscard]] virtual ClockTrust trust() const = 0;
  // The collector's clock, as it was somewhere within `round_trip` before now.
  virtual void Learn(WallTime collector_time, std::chrono::milliseconds round_trip) = 0;

  // False: nobody has said yet what time it is, and At() may give 1970.
  [[nodiscard]] bool IsKnown() const { return trust() >= ClockTrust::kCollector; }
  // Dates a sample of this boot; changes nothing when its time since boot is not known.
  void Stamp(Sample& sample) {
    if (!sample.since_boot) return;
    sample.time = At(*sample.since_boot);
    sample.clock = trust();
  }
};

// Samples of one stream in the order of their numbers, which may have gaps.
struct SampleBatch {
  bool backlog = false;  // Older than the connection: never a reason for a live alert.
  std::vector<Sample> samples;
};

// Where the feed takes samples from. A sample stays in the queue until it is acknowledged, however
// often it is taken; each connection starts from what is not.
class SampleQueue {
 public:
  virtual ~SampleQueue() = default;
  // A connection begins: what is held, but for the newest sample if it was never sent, becomes
  // backlog. Returns the last position of each stream held, oldest stream first, at most
  // kMaxStreams.
  virtual std::vector<StreamPosition> BeginConnection() = 0;
  // At most `most` samples that arrived since the connection began, oldest first, that were not
  // taken before; numbers them. Empty: there is none.
  virtual SampleBatch TakeLive(std::size_t most) = 0;
  // The same of the backlog, which may have to be read from disk: `answer` is called once, perhaps
  // before the call returns, unless another connection begins first. Empty: all has been taken.
  virtual void TakeBacklog(std::size_t most, std::function<void(SampleBatch)> answer) = 0;
  // TakeBacklog would give something.
  [[nodiscard]] virtual bool HasBacklog() const = 0;
  // The collector has every sample of the stream up to here on stable storage: forget them.
  virtual void Acknowledge(const StreamPosition& position) = 0;
  // The collector will never take the sample of this position: forget it and count it as rejected.
  virtual void Reject(const StreamPosition& position) = 0;
  // Samples taken on this connection and not acknowledged.
  [[nodiscard]] virtual std::uint64_t unacknowledged() const = 0;
};

// Where alerts go that come back from the collector.
class AlertSink {
 public:
  virtual ~AlertSink() = default;
  virtual void Accept(const Alert& alert) = 0;
};

// A dump that waits for the collector. Its bytes never change.
struct SealedDump {
  std::string id;                // The upload's: 1–64 of [A-Za-z0-9_-], the same after a restart.
  std::string filename;          // For people: "sensord.1234.SIGSEGV.core.zst".
  std::uint64_t size_bytes = 0;  // 0: the description is all there is.
  Sha256Digest sha256{};
  DumpInfo info;
};

enum class DumpOutcome {
  kDelivered,    // The collector has all that it wants, on stable storage.
  kUnreachable,  // Nobody answered, or the line broke: try again, as often as it takes.
  kFailed,  // The collector answered, and it did not work: too many of these are the dump's fault.
  kRejected,  // The collector will never take it.
};

// Dumps that are wanted: what a costly or busy link allows.
enum class DumpsAllowed { kAll, kDescriptions };

// Where the upload takes dumps from. On the dumps strand.
class DumpQueue {
 public:
  virtual ~DumpQueue() = default;
  // The next to go: descriptions and small ones before large ones, then the oldest. The same one
  // until its attempt ends. Nothing: there is none.
  virtual std::optional<SealedDump> Next(DumpsAllowed allowed) = 0;
  // An attempt begins: counted, on stable storage, before anything is sent.
  virtual Status BeginAttempt(const std::string& id) = 0;
  // At most `most` bytes from `offset` on; fewer only at the end.
  virtual Result<std::string> Read(const std::string& id, std::uint64_t offset,
                                   std::size_t most) = 0;
  // How the attempt went. kDelivered removes the dump and its source.
  virtual void EndAttempt(const std::string& id, DumpOutcome outcome, const std::string& why) = 0;
  // Called when there may be a next one.
  virtual void OnArrival(std::function<void()> on_arrival) = 0;
};

// What is known of the device at a moment of this boot.
struct DeviceMoment {
  WallTime time;
  ClockTrust clock = ClockTrust::kUnknown;
  DumpMetrics metrics;  // Of the minute before, if it is not too long ago.
};

// Where a dump gets its time and its metrics from. On the dumps strand; answers there.
class DeviceMemory {
 public:
  virtual ~DeviceMemory() = default;
  virtual void Recall(std::chrono::milliseconds since_boot,
                      std::function<void(DeviceMoment)> answer) = 0;
};

}  // namespace edgefeed
