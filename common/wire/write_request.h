#pragma once

#include <span>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/model/series.h"

namespace edgefeed {

struct RemotePoint {
  WallTime time;
  double value = 0;
};

struct RemoteSeries {
  Labels labels;  // With the metric's name as __name__.
  std::vector<RemotePoint> points;
};

// The body of a request of Prometheus' remote write protocol, version 0.1.0, compressed.
std::string EncodeWriteRequest(std::span<const RemoteSeries> series);

}  // namespace edgefeed
