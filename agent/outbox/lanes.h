#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>

#include "common/model/stream.h"

namespace edgefeed {

// One stream of this device and how far it has come.
struct StreamState {
  StreamId id = 0;
  std::uint32_t order = 0;      // Streams that began later have a higher one, also over restarts.
  std::uint64_t last = 0;       // The highest number given.
  std::uint64_t taken = 0;      // The highest that was handed out on this connection.
  std::uint64_t ever_sent = 0;  // The highest that was ever handed out.
};

// The streams that samples are held of, oldest first, and which part of them is live. The newest
// stream is the live one; of it, what is numbered above live_floor(). On the core strand.
class Lanes {
 public:
  static constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

  // `random_stream` gives the names of new streams; 0 and names in use are drawn again.
  explicit Lanes(std::function<StreamId()> random_stream);

  // A stream that an earlier run left, newer than those added before. Precondition: no sample has
  // been numbered yet.
  void AddRecovered(const StreamState& stream);

  // The streams from now on are newer than this order. The same precondition.
  void BeginAfter(std::uint32_t order);

  [[nodiscard]] std::deque<StreamState>& streams() { return streams_; }
  [[nodiscard]] const std::deque<StreamState>& streams() const { return streams_; }
  [[nodiscard]] StreamState& live() { return streams_.back(); }
  [[nodiscard]] const StreamState& live() const { return streams_.back(); }
  [[nodiscard]] StreamState* Find(StreamId id);
  [[nodiscard]] std::uint64_t live_floor() const { return live_floor_; }
  // The highest number of the stream that belongs to the backlog.
  [[nodiscard]] std::uint64_t BacklogEnd(const StreamState& stream) const {
    return &stream == &live() ? live_floor_ : kNoLimit;
  }

  // All that has been numbered becomes backlog. What is numbered from now on goes into a new
  // stream, unless the live one is still unused or there are as many streams as may be. `is_held`
  // says of which streams there are samples; the others are forgotten.
  void Turn(const std::function<bool(StreamId)>& is_held);

 private:
  void StartStream();

  std::function<StreamId()> random_stream_;
  std::deque<StreamState> streams_;  // Never empty.
  std::uint64_t live_floor_ = 0;
};

}  // namespace edgefeed
