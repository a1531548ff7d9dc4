#include "agent/outbox/lanes.h"

#include <algorithm>
#include <utility>

namespace edgefeed {

Lanes::Lanes(std::function<StreamId()> random_stream) : random_stream_(std::move(random_stream)) {
  StartStream();
}

void Lanes::StartStream() {
  StreamId id = random_stream_();
  while (id == 0 || Find(id) != nullptr) id = random_stream_();
  const std::uint32_t order = streams_.empty() ? 1 : live().order + 1;
  streams_.push_back({.id = id, .order = order});
  live_floor_ = 0;
}

void Lanes::AddRecovered(const StreamState& stream) {
  streams_.pop_back();
  streams_.push_back(stream);
  StartStream();
}

void Lanes::BeginAfter(std::uint32_t order) { live().order = std::max(live().order, order + 1); }

StreamState* Lanes::Find(StreamId id) {
  const auto found = std::ranges::find(streams_, id, &StreamState::id);
  return found == streams_.end() ? nullptr : &*found;
}

void Lanes::Turn(const std::function<bool(StreamId)>& is_held) {
  if (live().last == 0) return;
  std::erase_if(streams_, [&](const StreamState& stream) {
    return stream.id != live().id && !is_held(stream.id);
  });
  if (streams_.size() < kMaxStreams) return StartStream();
  live_floor_ = live().last;
}

}  // namespace edgefeed
