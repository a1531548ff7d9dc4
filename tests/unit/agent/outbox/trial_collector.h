#pragma once

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <iterator>
#include <map>
#include <random>
#include <utility>

#include "agent/ports.h"

namespace edgefeed {

// A collector that checks what it is sent: a position stands for one sample for ever, and on a
// connection each stream, and each lane, comes in order.
class TrialCollector {
 public:
  // The order of whole lanes is not kept when a header is damaged that says how old a stream is.
  void ExpectStreamOrderOnly() { lanes_in_order_ = false; }

  void Connect() {
    last_of_stream_.clear();
    last_of_lane_ = {};
  }

  void Take(const SampleBatch& batch) {
    for (const Sample& sample : batch.samples) {
      const auto& [stream, sequence] = sample.position;
      const auto value = static_cast<std::uint64_t>(sample.cpu_usage_percent);
      CHECK(stream != 0);
      CHECK(sequence > std::exchange(last_of_stream_[stream], sequence));
      const std::uint64_t before = std::exchange(last_of_lane_[batch.backlog ? 1 : 0], value);
      if (lanes_in_order_) CHECK(value > before);
      CHECK(values_.try_emplace({stream, sequence}, value).first->second == value);
      CHECK(positions_.try_emplace(value, sample.position).first->second == sample.position);
    }
  }

  // The last of a stream that was sent on this connection, or an earlier one.
  template <typename Random>
  [[nodiscard]] StreamPosition SomePosition(Random& random) const {
    if (last_of_stream_.empty()) return {};
    auto stream = last_of_stream_.begin();
    std::advance(stream, static_cast<std::ptrdiff_t>(random() % last_of_stream_.size()));
    return {stream->first, random() % (stream->second + 1)};
  }
  [[nodiscard]] const std::map<StreamId, std::uint64_t>& last_of_stream() const {
    return last_of_stream_;
  }
  // How many different samples it has ever got.
  [[nodiscard]] std::uint64_t received() const { return positions_.size(); }

 private:
  std::map<std::pair<StreamId, std::uint64_t>, std::uint64_t> values_;
  std::map<std::uint64_t, StreamPosition> positions_;  // By value.
  std::map<StreamId, std::uint64_t> last_of_stream_;
  std::array<std::uint64_t, 2> last_of_lane_{};
  bool lanes_in_order_ = true;
};

}  // namespace edgefeed
