#pragma once

#include "collector/ports.h"
#include "fleet.grpc.pb.h"

namespace edgefeed {

// What operators ask about the fleet. `reader` must outlive it.
class FleetServiceImpl final : public FleetService::CallbackService {
 public:
  explicit FleetServiceImpl(FleetReader& reader) : reader_(reader) {}

  grpc::ServerWriteReactor<Device>* ListDevices(grpc::CallbackServerContext* context,
                                                const ListDevicesRequest* request) override;

 private:
  FleetReader& reader_;
};

}  // namespace edgefeed
