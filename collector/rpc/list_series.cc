#include "collector/rpc/list_series.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <memory>
#include <string>
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
  ListSeriesCall(grpc::CallbackServerContext& context, const HistoryQuery& query,
                 const HistoryAccess& access, Admitted admitted)
      : context_(context), access_(access), admitted_(std::move(admitted)) {
    access_.store.Post([this] {
      time_up_ = access_.store.RunAfter(access_.limits.longest_call, [this] { HandleTimeUp(); });
    });
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
    if (finished_) return;
    if (!listed) return End(ToGrpc(listed.error(), context_));
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

  // A write that the client does not take never ends by itself, and only a cancelled call ends it.
  void HandleTimeUp() {
    if (writing_) return context_.TryCancel();
    End({grpc::StatusCode::DEADLINE_EXCEEDED,
         "the list takes longer than " + std::to_string(access_.limits.longest_call.count()) +
             " ms"});
  }

  void End(const grpc::Status& status) {
    if (std::exchange(finished_, true)) return;
    time_up_.Cancel();
    // After Finish() the context may be gone at any moment: nothing of it is used any more.
    Finish(status);
  }

  grpc::CallbackServerContext& context_;
  const HistoryAccess& access_;
  const Admitted admitted_;
  Timer time_up_;
  std::vector<Series> series_;
  std::size_t next_ = 0;
  ListSeriesResponse response_;  // gRPC reads it until OnWriteDone.
  bool writing_ = false;
  bool finished_ = false;
  const std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace

grpc::ServerWriteReactor<ListSeriesResponse>* NewListSeries(grpc::CallbackServerContext& context,
                                                            const ListSeriesRequest& request,
                                                            const HistoryAccess& access,
                                                            Admitted admitted) {
  const auto query = FromWire(request);
  if (!query) return new Refusal<ListSeriesResponse>(context, query.error());
  if (const Status entered = EnterHistory(access, admitted->caller()); !entered) {
    return new Refusal<ListSeriesResponse>(context, entered.error());
  }
  return new ListSeriesCall(context, *query, access, std::move(admitted));
}

}  // namespace edgefeed
