#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "common/model/stream.h"

namespace edgefeed {

// How far the streams of one feed have come: what it sent, what of it is stored, and what of that
// it has been told.
class FeedProgress {
 public:
  void Accepted(const StreamPosition& position) {
    if (position.stream != 0) Of(position.stream).accepted = position.sequence;
  }
  void Stored(const StreamPosition& position) {
    State& state = Of(position.stream);
    state.stored = std::max(state.stored, position.sequence);
  }

  [[nodiscard]] bool all_stored() const {
    return std::ranges::all_of(streams_, [](const State& s) { return s.stored >= s.accepted; });
  }
  // Roughly how many stored samples the client has not been told of.
  [[nodiscard]] std::uint64_t unreported() const {
    std::uint64_t samples = 0;
    for (const State& state : streams_) samples += state.stored - state.reported;
    return samples;
  }
  // What it is to be told now.
  std::vector<StreamPosition> TakeUnreported() {
    std::vector<StreamPosition> positions;
    for (State& state : streams_) {
      if (state.stored == state.reported) continue;
      state.reported = state.stored;
      positions.push_back({state.stream, state.stored});
    }
    return positions;
  }

 private:
  struct State {
    StreamId stream = 0;
    std::uint64_t accepted = 0;
    std::uint64_t stored = 0;
    std::uint64_t reported = 0;
  };

  // A feed has few streams: the live one, and the backlog's one after the other.
  State& Of(StreamId stream) {
    const auto found = std::ranges::find(streams_, stream, &State::stream);
    if (found != streams_.end()) return *found;
    if (streams_.size() > kMaxStreams) streams_.erase(streams_.begin());
    return streams_.emplace_back(State{.stream = stream});
  }

  std::vector<State> streams_;
};

}  // namespace edgefeed
