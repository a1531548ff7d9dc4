#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "common/base/clock.h"
#include "common/base/units.h"
#include "common/model/sample.h"

namespace edgefeed {

// Samples in memory, in the order in which they came. Those without a number are always the newest.
// Within a stream the numbers increase. On the core strand.
class MemoryLane {
 public:
  void Add(Sample sample, SteadyTime now);

  // Gives the oldest `count` samples without a number those from `first` on. Precondition: so many
  // there are.
  void Number(std::size_t count, const StreamPosition& first);

  // The lowest number of the stream above `after`.
  [[nodiscard]] std::optional<std::uint64_t> Next(StreamId stream, std::uint64_t after) const;
  // Copies of at most `most` samples of the stream, those numbered from `first` to `last`.
  [[nodiscard]] std::vector<Sample> Copy(StreamId stream, std::uint64_t first, std::uint64_t last,
                                         std::size_t most) const;
  // Samples of the stream numbered up to `last`.
  [[nodiscard]] std::size_t CountUpTo(const StreamPosition& last) const;
  // Samples that came at `time` or before; they stand in front.
  [[nodiscard]] std::size_t CountUpTo(SteadyTime time) const;

  // Forgets the samples of the stream up to `last` and returns how many those were.
  std::size_t EraseUpTo(const StreamPosition& last);
  // Forgets one sample; false: there is none.
  bool Erase(const StreamPosition& position);
  // Precondition: not empty.
  void PopOldest();

  // Precondition: not empty.
  [[nodiscard]] const Sample& oldest() const { return held_.front().sample; }
  [[nodiscard]] SteadyTime oldest_arrived() const { return held_.front().arrived; }
  [[nodiscard]] std::size_t size() const { return held_.size(); }
  [[nodiscard]] bool empty() const { return held_.empty(); }
  [[nodiscard]] std::size_t unnumbered() const { return held_.size() - numbered_; }
  // Estimated: 120 readings take 2 KiB.
  [[nodiscard]] Bytes used() const { return used_; }

 private:
  struct Held {
    Sample sample;
    SteadyTime arrived;
  };
  using Place = std::deque<Held>::const_iterator;

  // From the first sample of the stream above `after`, perhaps the end.
  [[nodiscard]] Place Find(StreamId stream, std::uint64_t after) const;
  [[nodiscard]] Place NumberedEnd() const;
  void Release(const Held& held);

  std::deque<Held> held_;
  std::size_t numbered_ = 0;  // How many of them, from the front, have a number.
  Bytes used_;
};

}  // namespace edgefeed
