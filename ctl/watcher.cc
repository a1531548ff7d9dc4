#include "ctl/watcher.h"

#include <utility>

#include "common/base/safe_text.h"

namespace edgefeed {

Watcher::Watcher(const Parts& parts, WatchOptions options, const Backoff& backoff,
                 std::function<void(Status)> done)
    : parts_(parts), options_(std::move(options)), backoff_(backoff), done_(std::move(done)) {}

void Watcher::Start() {
  const SubscribeRequest request{
      .device = options_.device, .interval = options_.interval, .detail = options_.detail};
  subscription_ = parts_.client.Subscribe(request, parts_.scheduler, *this);
}

void Watcher::Stop() { EndWith({}); }

void Watcher::EndWith(Status result) {
  if (result_) return;
  result_ = std::move(result);
  retry_.Cancel();
  if (subscription_) return subscription_->Cancel();  // OnEnd() goes on from there.
  done_(*result_);
}

void Watcher::OnOpen() {
  was_open_ = true;
  backoff_.Reset();
  if (std::exchange(is_lost_, false)) parts_.view.ShowNote("");
}

void Watcher::OnSample(const DeviceSample& sample) {
  if (result_) return;
  OnOpen();  // A collector may answer with its first sample only.
  if (Status shown = parts_.view.Show(sample); !shown) return EndWith(std::move(shown));
  if (++updates_ == options_.count) EndWith({});
}

void Watcher::OnEnd(const Error& why) {
  subscription_.reset();
  if (result_) return done_(*result_);
  if (!IsWorthRetrying(why)) return EndWith(why);
  Retry(why);
}

bool Watcher::IsWorthRetrying(const Error& why) const {
  if (!options_.reconnect) return false;
  if (why.retry_after.count() > 0) return true;
  if (!was_open_) return false;
  switch (why.code) {
    case Code::kInvalidArgument:
    case Code::kPermissionDenied:
    case Code::kUnauthenticated:
    case Code::kUnimplemented: return false;
    // The same call has worked before: a restarted collector learns of the device again.
    default: return true;
  }
}

void Watcher::Retry(const Error& why) {
  // What the collector asks for, it asks of many: each adds what it would have waited anyway.
  const std::chrono::milliseconds wait = why.retry_after + backoff_.Next();
  if (!std::exchange(is_lost_, true)) {
    const std::string what = why.retry_after.count() > 0 ? "refused for now" : "connection lost";
    parts_.view.ShowNote(what + ", trying again: " + SafeText(why.message));
  }
  retry_ = parts_.scheduler.RunAfter(wait, [this] { Start(); });
}

}  // namespace edgefeed
