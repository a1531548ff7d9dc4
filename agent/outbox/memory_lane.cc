#include "agent/outbox/memory_lane.h"

#include <algorithm>
#include <utility>

namespace edgefeed {
namespace {

std::uint64_t SizeOf(const Sample& sample) {
  return sizeof(Sample) + sample.readings.capacity() * sizeof(Reading);
}

}  // namespace

void MemoryLane::Add(Sample sample, SteadyTime now) {
  sample.readings.shrink_to_fit();
  sample.position = {};
  used_.count += SizeOf(sample);
  held_.push_back({std::move(sample), now});
}

void MemoryLane::Number(std::size_t count, const StreamPosition& first) {
  for (std::size_t i = 0; i < count; ++i) {
    held_[numbered_++].sample.position = {first.stream, first.sequence + i};
  }
}

MemoryLane::Place MemoryLane::NumberedEnd() const {
  return held_.begin() + static_cast<std::ptrdiff_t>(numbered_);
}

MemoryLane::Place MemoryLane::Find(StreamId stream, std::uint64_t after) const {
  return std::find_if(held_.begin(), NumberedEnd(), [&](const Held& held) {
    const StreamPosition& position = held.sample.position;
    return position.stream == stream && position.sequence > after;
  });
}

std::optional<std::uint64_t> MemoryLane::Next(StreamId stream, std::uint64_t after) const {
  const auto place = Find(stream, after);
  if (place == NumberedEnd()) return std::nullopt;
  return place->sample.position.sequence;
}

std::vector<Sample> MemoryLane::Copy(StreamId stream, std::uint64_t first, std::uint64_t last,
                                     std::size_t most) const {
  std::vector<Sample> samples;
  for (auto place = Find(stream, first - 1); place != NumberedEnd() && samples.size() < most;
       ++place) {
    const StreamPosition& position = place->sample.position;
    if (position.stream != stream || position.sequence > last) break;
    samples.push_back(place->sample);
  }
  return samples;
}

std::size_t MemoryLane::CountUpTo(const StreamPosition& last) const {
  const auto counted = [&last](const Held& held) {
    const StreamPosition& position = held.sample.position;
    return position.stream == last.stream && position.sequence <= last.sequence;
  };
  return static_cast<std::size_t>(std::count_if(held_.begin(), NumberedEnd(), counted));
}

std::size_t MemoryLane::CountUpTo(SteadyTime time) const {
  const auto later =
      std::ranges::find_if(held_, [time](const Held& h) { return h.arrived > time; });
  return static_cast<std::size_t>(later - held_.begin());
}

std::size_t MemoryLane::EraseUpTo(const StreamPosition& last) {
  const auto begin = Find(last.stream, 0);
  const auto end = std::find_if(begin, NumberedEnd(), [&last](const Held& held) {
    const StreamPosition& position = held.sample.position;
    return position.stream != last.stream || position.sequence > last.sequence;
  });
  const auto count = static_cast<std::size_t>(end - begin);
  std::for_each(begin, end, [this](const Held& held) { Release(held); });
  held_.erase(begin, end);
  return count;
}

bool MemoryLane::Erase(const StreamPosition& position) {
  if (position.sequence == 0) return false;
  const auto place = Find(position.stream, position.sequence - 1);
  if (place == NumberedEnd() || place->sample.position != position) return false;
  Release(*place);
  held_.erase(place);
  return true;
}

void MemoryLane::PopOldest() {
  Release(held_.front());
  held_.pop_front();
}

void MemoryLane::Release(const Held& held) {
  used_.count -= SizeOf(held.sample);
  if (held.sample.position.stream != 0) --numbered_;
}

}  // namespace edgefeed
