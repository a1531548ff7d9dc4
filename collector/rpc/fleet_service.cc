#include "collector/rpc/fleet_service.h"

#include <cstddef>
#include <utility>
#include <vector>

#include "collector/rpc/get_history.h"
#include "collector/rpc/list_series.h"
#include "collector/rpc/response.h"

namespace edgefeed {
namespace {

// Writes a list that was taken once, device by device. The list arrives before the first write and
// each write starts after the one before: no two reactions touch it at once, so it needs no strand.
class ListDevicesSession final : public grpc::ServerWriteReactor<Device> {
 public:
  explicit ListDevicesSession(FleetReader& reader) {
    reader.List(Detail::kHeadline, [this](std::vector<DeviceSnapshot> devices) {
      devices_ = std::move(devices);
      WriteNext();
    });
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::CANCELLED);
    WriteNext();
  }
  void OnDone() override { delete this; }

 private:
  void WriteNext() {
    if (next_ == devices_.size()) return Finish(grpc::Status::OK);
    ToWire(devices_[next_++], device_);
    StartWrite(&device_);
  }

  std::vector<DeviceSnapshot> devices_;
  std::size_t next_ = 0;
  Device device_;  // gRPC reads it until OnWriteDone.
};

}  // namespace

grpc::ServerWriteReactor<Device>* FleetServiceImpl::ListDevices(grpc::CallbackServerContext*,
                                                                const ListDevicesRequest*) {
  return new ListDevicesSession(reader_);
}

grpc::ServerWriteReactor<HistoryResponse>* FleetServiceImpl::GetHistory(
    grpc::CallbackServerContext* context, const HistoryRequest* request) {
  return NewGetHistory(*context, *request, history_);
}

grpc::ServerWriteReactor<ListSeriesResponse>* FleetServiceImpl::ListSeries(
    grpc::CallbackServerContext*, const ListSeriesRequest* request) {
  return NewListSeries(*request, history_);
}

grpc::ServerWriteReactor<BackupResponse>* FleetServiceImpl::Backup(
    grpc::CallbackServerContext* context, const BackupRequest*) {
  return NewBackup(*context, backup_);
}

}  // namespace edgefeed
