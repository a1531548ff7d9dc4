#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/runtime/scheduler.h"

namespace edgefeed {

// The agent at one moment, for its service manager.
struct AgentMoment {
  std::string summary;              // One line for people.
  std::uint64_t samples_taken = 0;  // Of all time.
  std::uint64_t feed_turns = 0;     // Grows while the feed works, connected or not.
};

struct ServiceStatusConfig {
  // The service manager restarts a service that is silent for so long. Nothing: it does not watch.
  std::optional<std::chrono::milliseconds> watchdog;
  // Longer without a sample, or without a turn of the feed, is no progress.
  std::chrono::milliseconds sample_within{60'000};
  std::chrono::milliseconds feed_turn_within{600'000};
};

// Tells the service manager how the agent is (STATUS=), and that it is well (WATCHDOG=1): only
// while both sampler and feed make progress, for a process that merely runs is of no use. On the
// core strand; destroying it stops it.
class ServiceStatus {
 public:
  using Look = std::function<AgentMoment()>;
  using Tell = std::function<void(std::string_view state)>;

  // `tell`: NotifyService(). `scheduler` and what `look` uses must outlive it.
  ServiceStatus(Scheduler& scheduler, const ServiceStatusConfig& config, Look look, Tell tell);

 private:
  // A number that must not stand still for long.
  class Progress {
   public:
    Progress(std::chrono::milliseconds within, SteadyTime now) : within_(within), since_(now) {}
    bool Check(std::uint64_t value, SteadyTime now);

   private:
    std::chrono::milliseconds within_;
    std::uint64_t value_ = 0;
    SteadyTime since_;  // It has had this value.
  };

  void Check();

  Scheduler& scheduler_;
  const ServiceStatusConfig config_;
  const Look look_;
  const Tell tell_;
  Progress samples_;
  Progress feed_;
  std::string told_;
  Timer next_;
};

}  // namespace edgefeed
