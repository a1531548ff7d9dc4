#pragma once

#include <vector>

#include "common/model/stream.h"
#include "telemetry.pb.h"

namespace edgefeed {

using WirePositions = google::protobuf::RepeatedPtrField<telemetry::StreamPosition>;

inline void ToWire(const StreamPosition& position, telemetry::StreamPosition& wire) {
  wire.set_stream(position.stream);
  wire.set_sequence(position.sequence);
}

inline StreamPosition FromWire(const telemetry::StreamPosition& wire) {
  return {.stream = wire.stream(), .sequence = wire.sequence()};
}

inline void ToWire(const std::vector<StreamPosition>& positions, WirePositions& wire) {
  for (const StreamPosition& position : positions) ToWire(position, *wire.Add());
}

inline std::vector<StreamPosition> FromWire(const WirePositions& wire) {
  std::vector<StreamPosition> positions;
  positions.reserve(static_cast<std::size_t>(wire.size()));
  for (const auto& position : wire) positions.push_back(FromWire(position));
  return positions;
}

}  // namespace edgefeed
