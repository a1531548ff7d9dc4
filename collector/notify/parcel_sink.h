#pragma once

#include <vector>

#include "collector/notify/receiver.h"
#include "common/model/notification.h"

namespace edgefeed {

// Where what one receiver is to be told goes. Never waits.
class ParcelSink {
 public:
  virtual ~ParcelSink() = default;
  // Says of each, in order, when it is settled: taken, or given up.
  virtual void Deliver(std::vector<Parcel> parcels) = 0;
  // Says once whether the receiver has taken it.
  virtual void Remind(std::vector<Notification> firing) = 0;
};

}  // namespace edgefeed
