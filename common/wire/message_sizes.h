#pragma once

#include <span>
#include <string>

#include "common/model/device.h"
#include "common/model/sample.h"
#include "common/model/series.h"

namespace edgefeed {

// How many bytes a feed's messages take, encoded and before all that carries them.
struct MessageSizes {
  double first_sample = 0;    // A message of one sample.
  double further_sample = 0;  // What each further sample of the same message adds to it.
  double ping = 0;
  double hello = 0;
  double series_names = 0;  // What the first samples of a connection carry besides.
};

// As PayloadEncoder writes them. Precondition: at least two samples.
MessageSizes MeasureMessages(const std::string& device_name, const DeviceInfo& info,
                             const SeriesTable& series, std::span<const Sample> samples);

}  // namespace edgefeed
