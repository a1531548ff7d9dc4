#pragma once

#include <atomic>

namespace edgefeed {

// Whether the collector wants traffic: what /readyz tells a load balancer. From any thread.
class Readiness {
 public:
  enum class State { kStarting, kReady, kDraining };

  void Set(State state) { state_.store(state, std::memory_order_relaxed); }
  [[nodiscard]] State Get() const { return state_.load(std::memory_order_relaxed); }

 private:
  std::atomic<State> state_{State::kStarting};
};

}  // namespace edgefeed
