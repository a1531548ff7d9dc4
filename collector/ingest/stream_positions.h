#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "common/model/stream.h"

namespace edgefeed {

// How far one device's streams have come: which samples were accepted, and which of them are on
// stable storage. Knows the kMaxStreams that were used last.
class StreamPositions {
 public:
  // From what an earlier run of the collector stored.
  void Restore(std::span<const StreamPosition> stored) {
    for (const StreamPosition& position : stored) Accept(position), Stored(position);
  }

  // False: the sample was accepted before.
  bool Accept(const StreamPosition& position) {
    State& state = Use(position.stream);
    if (position.sequence <= state.accepted) return false;
    state.accepted = position.sequence;
    return true;
  }
  [[nodiscard]] bool Accepted(const StreamPosition& position) const {
    const State* state = Find(position.stream);
    return state != nullptr && position.sequence <= state->accepted;
  }
  void Stored(const StreamPosition& position) {
    State& state = Use(position.stream);
    state.stored = std::max(state.stored, position.sequence);
  }
  // The last stored sequence of the stream; 0: none.
  [[nodiscard]] std::uint64_t stored(StreamId stream) const {
    const State* state = Find(stream);
    return state == nullptr ? 0 : state->stored;
  }

 private:
  struct State {
    StreamId stream = 0;
    std::uint64_t accepted = 0;
    std::uint64_t stored = 0;
  };

  [[nodiscard]] const State* Find(StreamId stream) const {
    const auto found = std::ranges::find(states_, stream, &State::stream);
    return found == states_.end() ? nullptr : &*found;
  }
  // Moves the stream to the end, where the newest are.
  State& Use(StreamId stream) {
    if (!states_.empty() && states_.back().stream == stream) return states_.back();
    const auto found = std::ranges::find(states_, stream, &State::stream);
    if (found != states_.end()) {
      std::rotate(found, found + 1, states_.end());
      return states_.back();
    }
    if (states_.size() == kMaxStreams) states_.erase(states_.begin());
    return states_.emplace_back(State{.stream = stream});
  }

  std::vector<State> states_;
};

}  // namespace edgefeed
