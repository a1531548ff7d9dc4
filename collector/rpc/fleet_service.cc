#include "collector/rpc/fleet_service.h"

#include <cstddef>
#include <utility>
#include <vector>

#include "collector/rpc/get_history.h"
#include "collector/rpc/list_series.h"
#include "collector/rpc/refusal.h"
#include "collector/rpc/response.h"

namespace edgefeed {
namespace {

// Writes a list that was taken once, device by device. The list arrives before the first write and
// each write starts after the one before: no two reactions touch it at once, so it needs no strand.
class ListDevicesSession final : public grpc::ServerWriteReactor<Device> {
 public:
  ListDevicesSession(FleetReader& reader, Admitted admitted) : admitted_(std::move(admitted)) {
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

  const Admitted admitted_;
  std::vector<DeviceSnapshot> devices_;
  std::size_t next_ = 0;
  Device device_;  // gRPC reads it until OnWriteDone.
};

}  // namespace

grpc::ServerWriteReactor<Device>* FleetServiceImpl::ListDevices(
    grpc::CallbackServerContext* context, const ListDevicesRequest*) {
  auto admitted = gate_.Admit(*context, Method::kListDevices);
  if (!admitted) return new Refusal<Device>(*context, admitted.error());
  return new ListDevicesSession(reader_, *std::move(admitted));
}

grpc::ServerWriteReactor<HistoryResponse>* FleetServiceImpl::GetHistory(
    grpc::CallbackServerContext* context, const HistoryRequest* request) {
  auto admitted = gate_.AdmitFor(*context, Method::kGetHistory, request->service_name());
  if (!admitted) return new Refusal<HistoryResponse>(*context, admitted.error());
  return NewGetHistory(*context, *request, history_, *std::move(admitted));
}

grpc::ServerWriteReactor<ListSeriesResponse>* FleetServiceImpl::ListSeries(
    grpc::CallbackServerContext* context, const ListSeriesRequest* request) {
  auto admitted = gate_.AdmitFor(*context, Method::kListSeries, request->service_name());
  if (!admitted) return new Refusal<ListSeriesResponse>(*context, admitted.error());
  return NewListSeries(*context, *request, history_, *std::move(admitted));
}

grpc::ServerWriteReactor<BackupResponse>* FleetServiceImpl::Backup(
    grpc::CallbackServerContext* context, const BackupRequest*) {
  auto admitted = gate_.Admit(*context, Method::kBackup);
  if (!admitted) return new Refusal<BackupResponse>(*context, admitted.error());
  return NewBackup(*context, backup_, *std::move(admitted));
}

}  // namespace edgefeed
