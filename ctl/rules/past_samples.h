#pragma once

#include <string>
#include <vector>

#include "ctl/client.h"

namespace edgefeed {

// All that a device measured at one moment, of the metrics that were asked for.
struct PastSample {
  WallTime time;
  std::vector<DeviceReading> values;
};

struct PastSamples {
  std::vector<PastSample> samples;  // In order of time.
  std::size_t coarse_values = 0;    // Of these, means of minutes or hours: the samples are gone.
};

// The samples of a stretch of time, in memory. A stretch with more values than the collector gives
// at once is asked for in halves. Of minutes and hours the value is their mean, of counters
// (_total) their last.
Result<PastSamples> ReadPastSamples(CollectorClient& client, const std::string& device,
                                    const std::vector<std::string>& metrics, WallTime from,
                                    WallTime to);

}  // namespace edgefeed
