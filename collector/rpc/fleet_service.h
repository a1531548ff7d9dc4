#pragma once

#include "collector/ports.h"
#include "collector/rpc/history_access.h"
#include "fleet.grpc.pb.h"

namespace edgefeed {

// What operators ask about the fleet. `reader`, and what `history` refers to, must outlive it.
class FleetServiceImpl final : public FleetService::CallbackService {
 public:
  FleetServiceImpl(FleetReader& reader, const HistoryAccess& history)
      : reader_(reader), history_(history) {}

  grpc::ServerWriteReactor<Device>* ListDevices(grpc::CallbackServerContext* context,
                                                const ListDevicesRequest* request) override;
  grpc::ServerWriteReactor<HistoryResponse>* GetHistory(grpc::CallbackServerContext* context,
                                                        const HistoryRequest* request) override;
  grpc::ServerWriteReactor<ListSeriesResponse>* ListSeries(
      grpc::CallbackServerContext* context, const ListSeriesRequest* request) override;

 private:
  FleetReader& reader_;
  HistoryAccess history_;
};

}  // namespace edgefeed
