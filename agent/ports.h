#pragma once

#include <cstdint>

#include "common/model/alert.h"
#include "common/model/sample.h"

// What one stage of the agent offers to another. All are called on the core strand.
namespace edgefeed {

// Where the sampler delivers. The sample's readings refer to the agent's one SeriesTable.
class SampleSink {
 public:
  virtual ~SampleSink() = default;
  // Never blocks and never fails: a full sink drops its oldest samples and counts them.
  virtual void Accept(Sample sample) = 0;
};

// Where the feed takes samples from, oldest first. A sample stays until it is acknowledged.
class SampleQueue {
 public:
  virtual ~SampleQueue() = default;
  // The oldest sample that has not been sent on this connection, or null. Valid until the next
  // call.
  [[nodiscard]] virtual const Sample* NextUnsent() const = 0;
  // The sample that NextUnsent() returned is on its way.
  virtual void MarkSent() = 0;
  // Samples up to `sequence` are the collector's now: forget them.
  virtual void Acknowledge(std::uint64_t sequence) = 0;
  // The connection is gone: what was sent and not acknowledged counts as unsent again.
  virtual void Rewind() = 0;
  // The collector will never take the oldest sample: forget it and count it as rejected.
  virtual void RejectOldest() = 0;
  // Samples sent and not acknowledged.
  [[nodiscard]] virtual std::uint64_t unacknowledged() const = 0;
};

// Where alerts go that come back from the collector.
class AlertSink {
 public:
  virtual ~AlertSink() = default;
  virtual void Accept(const Alert& alert) = 0;
};

}  // namespace edgefeed
