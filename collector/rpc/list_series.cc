#include "collector/rpc/list_series.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "collector/rpc/refusal.h"
#include "collector/rpc/response.h"
#include "common/rpc/status.h"

namespace edgefeed {
namespace {

// Writes a list that was taken once. The list arrives before the first write and each write starts
// after the one before, but all on the store strand: a list may come when the call is over.
class ListSeriesCall final : public grpc::ServerWriteReactor<ListSeriesResponse> {
 public:
  ListSeriesCall(const HistoryQuery& query, const HistoryAccess& access, Admitted admitted)
      : access_(access), admitted_(std::move(admitted)) {
    access_.history.ListSeries(
        query.device, query.from, query.to,
        [this, alive = std::weak_ptr<const bool>(alive_)](Result<std::vector<Series>> listed) {
          if (!alive.expired()) HandleList(std::move(listed));
        });
  }

  void OnWriteDone(bool ok) override {
    access_.store.Post([this, ok] {
      writing_ = false;
      if (ok) return WriteNext();
      End(grpc::Status::CANCELLED);
    });
  }
  void OnCancel() override {
    access_.store.Post([this] {
      if (!writing_) End(grpc::Status::CANCELLED);
    });
  }
  void OnDone() override {
    access_.store.Post([this] {
      LeaveHistory(access_);
      delete this;
    });
  }

 private:
  void HandleList(Result<std::vector<Series>> listed) {
    if (!listed) return End(ToGrpc(listed.error()));
    series_ = std::move(*listed);
    WriteNext();
  }

  void WriteNext() {
    if (finished_) return;
    if (next_ == series_.size()) return End(grpc::Status::OK);
    response_.Clear();
    const std::size_t end = std::min(series_.size(), next_ + access_.limits.points_per_message);
    while (next_ < end) ToWire(series_[next_++], *response_.add_series());
    writing_ = true;
    StartWrite(&response_);
  }

  void End(const grpc::Status& status) {
    if (!std::exchange(finished_, true)) Finish(status);
  }

  const HistoryAccess& access_;
  const Admitted admitted_;
  std::vector<Series> series_;
  std::size_t next_ = 0;
  ListSeriesResponse response_;  // gRPC reads it until OnWriteDone.
  bool writing_ = false;
  bool finished_ = false;
  const std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace

grpc::ServerWriteReactor<ListSeriesResponse>* NewListSeries(const ListSeriesRequest& request,
                                                            const HistoryAccess& access,
                                                            Admitted admitted) {
  const auto query = FromWire(request);
  if (!query) return new Refusal<ListSeriesResponse>(ToGrpc(query.error()));
  if (const Status entered = EnterHistory(access); !entered) {
    return new Refusal<ListSeriesResponse>(ToGrpc(entered.error()));
  }
  return new ListSeriesCall(*query, access, std::move(admitted));
}

}  // namespace edgefeed
