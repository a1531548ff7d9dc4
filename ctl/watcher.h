#pragma once

#include <functional>
#include <memory>

#include "common/base/backoff.h"
#include "common/runtime/scheduler.h"
#include "ctl/client.h"
#include "ctl/options.h"
#include "ctl/watch_view.h"

namespace edgefeed {

// Subscribes, hands what arrives to a view, and subscribes again when the collector goes away. A
// collector that was never reached, or that refuses without saying when to come back, is an error.
// On the scheduler's thread.
class Watcher final : private SubscriptionEvents {
 public:
  // All but `options` and `done` must outlive the watcher. `done` is called once: the watch has
  // ended and may be destroyed.
  struct Parts {
    CollectorClient& client;
    Scheduler& scheduler;
    WatchView& view;
  };
  Watcher(const Parts& parts, WatchOptions options, const Backoff& backoff,
          std::function<void(Status)> done);

  void Start();
  // Ends it without an error.
  void Stop();

 private:
  void OnOpen() override;
  void OnSample(const DeviceSample& sample) override;
  void OnEnd(const Error& why) override;

  void EndWith(Status result);
  void Retry(const Error& why);
  [[nodiscard]] bool IsWorthRetrying(const Error& why) const;

  Parts parts_;
  WatchOptions options_;
  Backoff backoff_;
  std::function<void(Status)> done_;

  std::unique_ptr<Subscription> subscription_;
  Timer retry_;
  std::optional<Status> result_;  // Set: ending.
  std::uint64_t updates_ = 0;
  bool was_open_ = false;
  bool is_lost_ = false;
};

}  // namespace edgefeed
