#pragma once

#include <utility>

#include "collector/ports.h"
#include "collector/rpc/backup.h"
#include "collector/rpc/call_gate.h"
#include "collector/rpc/history_access.h"
#include "fleet.grpc.pb.h"

namespace edgefeed {

// What operators ask about the fleet. `reader`, `gate`, and what the others refer to, must outlive
// it.
class FleetServiceImpl final : public FleetService::CallbackService {
 public:
  FleetServiceImpl(FleetReader& reader, const HistoryAccess& history, BackupAccess backup,
                   const CallGate& gate)
      : reader_(reader), history_(history), backup_(std::move(backup)), gate_(gate) {}

  grpc::ServerWriteReactor<Device>* ListDevices(grpc::CallbackServerContext* context,
                                                const ListDevicesRequest* request) override;
  grpc::ServerWriteReactor<HistoryResponse>* GetHistory(grpc::CallbackServerContext* context,
                                                        const HistoryRequest* request) override;
  grpc::ServerWriteReactor<ListSeriesResponse>* ListSeries(
      grpc::CallbackServerContext* context, const ListSeriesRequest* request) override;
  grpc::ServerWriteReactor<BackupResponse>* Backup(grpc::CallbackServerContext* context,
                                                   const BackupRequest* request) override;

 private:
  FleetReader& reader_;
  HistoryAccess history_;
  BackupAccess backup_;
  const CallGate& gate_;
};

}  // namespace edgefeed
