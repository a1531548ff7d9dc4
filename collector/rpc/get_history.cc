#include "collector/rpc/get_history.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "collector/rpc/refusal.h"
#include "collector/rpc/response.h"
#include "common/rpc/status.h"

namespace edgefeed {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

std::size_t CountPoints(const HistoryAnswer& page) {
  std::size_t count = 0;
  for (const HistorySeries& series : page.series) count += series.buckets.size();
  return count;
}

void ToWire(const HistoryBucket& bucket, milliseconds step, HistoryPoint& wire) {
  wire.set_time_ms(UnixMillis(bucket.time));
  // Of times of which only minutes or hours are kept, even samples "as stored" are buckets.
  if (step.count() == 0 && bucket.count == 1) return wire.set_value(bucket.last);
  wire.mutable_bucket()->set_min(bucket.min);
  wire.mutable_bucket()->set_max(bucket.max);
  wire.mutable_bucket()->set_sum(bucket.sum);
  wire.mutable_bucket()->set_count(bucket.count);
  wire.mutable_bucket()->set_last(bucket.last);
}

// Reads a page from the history, writes it message by message, and reads the next one when the last
// message has been written: what a slow client costs is one page and one of the places. Lives on
// the store strand.
class GetHistoryCall final : public grpc::ServerWriteReactor<HistoryResponse> {
 public:
  GetHistoryCall(grpc::CallbackServerContext& context, HistoryQuery query,
                 const HistoryAccess& access, Admitted admitted)
      : context_(context),
        access_(access),
        admitted_(std::move(admitted)),
        query_(std::move(query)),
        next_(query_.from) {
    access_.store.Post([this] { Begin(); });
  }

  void OnWriteDone(bool ok) override {
    access_.store.Post([this, ok] { HandleWritten(ok); });
  }
  void OnCancel() override {
    access_.store.Post([this] { End(grpc::Status::CANCELLED); });
  }
  void OnDone() override {
    access_.store.Post([this] {
      LeaveHistory(access_);
      delete this;
    });
  }

 private:
  void Begin() {
    deadline_ = access_.store.Now() + access_.limits.longest_call;
    time_up_ = access_.store.RunAt(deadline_, [this] { HandleTimeUp(); });
    AskForPage();
  }

  void AskForPage() {
    if (end_) return Pump();
    HistoryQuery query = query_;
    query.from = next_;
    query.limit = access_.limits.points_per_page;
    query.timeout = duration_cast<milliseconds>(deadline_ - access_.store.Now());
    const std::weak_ptr<const bool> alive = alive_;
    query.is_wanted = [this, alive] { return !alive.expired() && !end_; };
    access_.history.Query(std::move(query), [this, alive](Result<HistoryAnswer> page) {
      if (!alive.expired()) HandlePage(std::move(page));
    });
  }

  void HandlePage(Result<HistoryAnswer> page) {
    if (!page && page.error().code == Code::kDeadlineExceeded) return End(TooSlow());
    if (!page) return Fail(page.error());
    page_ = std::move(*page);
    next_ = page_.end;
    series_ = point_ = 0;
    points_ += CountPoints(page_);
    if (points_ > query_.limit) {
      const std::size_t series_count = std::max(numbers_.size(), page_.series.size());
      return Fail(TooManyPoints(query_, series_count));
    }
    Pump();
  }

  void Pump() {
    if (writing_ || finished_) return;
    if (end_) {
      // After Finish() the context may be gone at any moment: nothing of it is used any more.
      finished_ = true;
      time_up_.Cancel();
      return Finish(*end_);
    }
    if (series_ < page_.series.size()) return WriteNext();
    if (next_ < query_.to) return AskForPage();
    if (points_ == 0) return AskWhatThereIs();
    End(grpc::Status::OK);
  }

  void WriteNext() {
    response_.Clear();
    const HistorySeries& series = page_.series[series_];
    const auto [number, is_new] =
        numbers_.emplace(series.series, static_cast<std::uint32_t>(numbers_.size()));
    response_.set_series_number(number->second);
    if (is_new) ToWire(series.series, *response_.mutable_series());
    const std::size_t end =
        std::min(series.buckets.size(), point_ + access_.limits.points_per_message);
    for (; point_ < end; ++point_) {
      ToWire(series.buckets[point_], query_.step, *response_.add_points());
    }
    if (point_ == series.buckets.size()) {
      ++series_;
      point_ = 0;
    }
    writing_ = true;
    StartWrite(&response_);
  }

  void HandleWritten(bool ok) {
    writing_ = false;
    if (!ok && !end_) end_ = grpc::Status::CANCELLED;
    Pump();
  }

  // A range without samples is no error, a name that fits nothing is one.
  void AskWhatThereIs() {
    const std::weak_ptr<const bool> alive = alive_;
    access_.history.ListSeries(query_.device, query_.from, query_.to,
                               [this, alive](const Result<std::vector<Series>>& series) {
                                 if (!alive.expired()) HandleNothingFound(series);
                               });
  }

  void HandleNothingFound(const Result<std::vector<Series>>& existing) {
    if (!existing) return Fail(existing.error());
    if (!existing->empty()) return Fail(NoSuchSeries(query_, *existing));
    End(grpc::Status::OK);
  }

  void HandleTimeUp() {
    // A write that the client does not take never ends by itself, and only a cancelled call ends
    // it.
    if (writing_) return context_.TryCancel();
    End(TooSlow());
  }

  [[nodiscard]] grpc::Status TooSlow() const {
    return {grpc::StatusCode::DEADLINE_EXCEEDED,
            "the history of '" + query_.device + "' in this range takes longer than " +
                std::to_string(access_.limits.longest_call.count()) +
                " ms; ask for less of it, or in steps of an hour"};
  }

  void Fail(const Error& why) {
    if (!end_) End(ToGrpc(why, context_));
  }
  void End(const grpc::Status& status) {
    if (!end_) end_ = status;
    Pump();
  }

  grpc::CallbackServerContext& context_;
  const HistoryAccess& access_;
  const Admitted admitted_;
  const HistoryQuery query_;  // `limit` is of all pages together.
  WallTime next_;             // Where the next page begins.
  SteadyTime deadline_;
  Timer time_up_;
  HistoryAnswer page_;
  std::size_t series_ = 0;  // Of the page: what is written next.
  std::size_t point_ = 0;
  std::size_t points_ = 0;  // Read so far.
  std::map<Series, std::uint32_t> numbers_;
  HistoryResponse response_;  // gRPC reads it until OnWriteDone.
  bool writing_ = false;
  bool finished_ = false;
  std::optional<grpc::Status> end_;
  // An answer of the history may come, or not, when this is gone.
  const std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace

grpc::ServerWriteReactor<HistoryResponse>* NewGetHistory(grpc::CallbackServerContext& context,
                                                         const HistoryRequest& request,
                                                         const HistoryAccess& access,
                                                         Admitted admitted) {
  auto query = FromWire(request, access.limits);
  if (!query) return new Refusal<HistoryResponse>(context, query.error());
  if (const Status entered = EnterHistory(access, admitted->caller()); !entered) {
    return new Refusal<HistoryResponse>(context, entered.error());
  }
  return new GetHistoryCall(context, std::move(*query), access, std::move(admitted));
}

}  // namespace edgefeed
