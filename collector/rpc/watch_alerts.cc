#include "collector/rpc/watch_alerts.h"

#include <grpcpp/grpcpp.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "collector/rpc/alert_response.h"
#include "common/rpc/status.h"

namespace edgefeed {
namespace {

// Alerts that are over and wait for the reader. Those that fire are in the book.
constexpr std::size_t kMostOver = 10'000;

// One reader, on the alerts strand. What changes while a message is on its way waits by its id, so
// that the next message has it as it is by then.
class WatchAlertsSession final : public grpc::ServerWriteReactor<WatchAlertsResponse>,
                                 public AlertWatcher {
 public:
  WatchAlertsSession(grpc::CallbackServerContext& context, const AlertAccess& access,
                     const WatchAlertsRequest& request, Admitted admitted,
                     std::unique_ptr<CallPlace> place)
      : context_(context),
        access_(access),
        book_(access.desk.book()),
        device_(request.service_name()),
        admitted_(std::move(admitted)),
        place_(std::move(place)) {
    access_.strand.Post([this] {
      access_.desk.AddWatcher(*this);
      Pump();
    });
  }

  void OnWriteDone(bool ok) override {
    access_.strand.Post([this, ok] {
      writing_ = false;
      stalled_.Cancel();
      if (!ok && !end_) end_ = grpc::Status::CANCELLED;
      Pump();
    });
  }
  void OnCancel() override {
    access_.strand.Post([this] { EndWith(grpc::Status::CANCELLED); });
  }
  void OnDone() override {
    access_.strand.Post([this] {
      access_.desk.RemoveWatcher(*this);
      delete this;
    });
  }

  void Show(const BookedAlert& alert) override {
    if (!IsWanted(alert)) return;
    if (alert.now.firing) {
      over_.erase(alert.id);
      changed_.insert(alert.id);
    } else {
      changed_.erase(alert.id);
      over_.insert_or_assign(alert.id, alert);
    }
    if (over_.size() > kMostOver) {
      ++access_.stats.alert_watchers_ended;
      return End({Code::kResourceExhausted,
                  "the reader is too slow: over 10000 alerts that are over wait for it",
                  kShortCallsEnd});
    }
    Pump();
  }
  void End(const Error& why) override {
    if (!end_) EndWith(ToGrpc(why, context_));
  }

 private:
  [[nodiscard]] bool IsWanted(const BookedAlert& alert) const {
    return device_.empty() || alert.event.key.device == device_;
  }

  void EndWith(const grpc::Status& status) {
    if (!end_) end_ = status;
    Pump();
  }

  void Pump() {
    if (writing_ || finished_) return;
    if (end_) {
      finished_ = true;
      return Finish(*end_);
    }
    if (!Next()) return;
    writing_ = true;
    // A write that the client does not take never ends by itself.
    stalled_ = access_.strand.RunAfter(access_.longest_write, [this] {
      ++access_.stats.alert_watchers_ended;
      context_.TryCancel();
    });
    StartWrite(&response_);
  }

  // Fills in what comes next. False when there is nothing.
  bool Next() {
    if (!complete_) return NextPresent();
    if (!over_.empty()) {
      Fill(over_.begin()->second);
      over_.erase(over_.begin());
      return true;
    }
    while (!changed_.empty()) {
      const BookedAlert* alert = book_.Find(*changed_.begin());
      changed_.erase(changed_.begin());
      if (alert == nullptr || !alert->now.firing) continue;
      Fill(*alert);
      return true;
    }
    return false;
  }

  bool NextPresent() {
    const auto& alerts = book_.alerts();
    for (auto it = alerts.upper_bound(present_); it != alerts.end(); ++it) {
      present_ = it->first;
      if (!it->second.now.firing || !IsWanted(it->second)) continue;
      Fill(it->second);
      return true;
    }
    complete_ = true;
    response_.set_complete(true);
    return true;
  }

  void Fill(const BookedAlert& alert) { ToWire(alert, *response_.mutable_alert()); }

  grpc::CallbackServerContext& context_;
  const AlertAccess access_;
  const AlertBook& book_;
  const std::string device_;  // Empty: all.
  const Admitted admitted_;
  const std::unique_ptr<CallPlace> place_;
  std::string present_;    // The last alert of those at the beginning that was sent.
  bool complete_ = false;  // Those have all been sent.
  std::set<std::string> changed_;
  std::map<std::string, BookedAlert> over_;
  WatchAlertsResponse response_;  // gRPC reads it until OnWriteDone.
  bool writing_ = false;
  bool finished_ = false;
  std::optional<grpc::Status> end_;
  Timer stalled_;
};

}  // namespace

grpc::ServerWriteReactor<WatchAlertsResponse>* NewWatchAlerts(grpc::CallbackServerContext& context,
                                                              const AlertAccess& access,
                                                              const WatchAlertsRequest& request,
                                                              Admitted admitted,
                                                              std::unique_ptr<CallPlace> place) {
  return new WatchAlertsSession(context, access, request, std::move(admitted), std::move(place));
}

}  // namespace edgefeed
