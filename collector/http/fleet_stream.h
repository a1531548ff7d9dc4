#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "collector/ports.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// The fleet as server-sent events, for any number of web pages. While there is a subscriber it asks
// the fleet once an interval, and remembers for each device when it last changed: a subscriber that
// was too slow for some updates gets the newest state of what it missed, and costs nothing.
//
//   event: all                event: changed
//   data: {"now_ms":1700000000000,"devices":[{"service_name":"pi-1",…},…]}
//
// `all` comes first, and again when a device has vanished; `changed` holds only what has changed
// since the event before. `now_ms` is the collector's clock.
//
// Lives on one scheduler. Made by make_shared: answers of the fleet find it only while it lives.
class FleetStream : public std::enable_shared_from_this<FleetStream> {
 public:
  struct Config {
    std::chrono::milliseconds interval{1'000};
    std::chrono::milliseconds ping_after{15'000};
  };

  // One reader. Unsubscribes when destroyed; the stream must outlive it.
  class Subscription {
   public:
    Subscription(FleetStream& stream, Task on_update);
    ~Subscription();
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

    // What to send now: what is new since the last call, a ping, or null for nothing.
    std::shared_ptr<const std::string> Next();

   private:
    friend class FleetStream;
    FleetStream& stream_;
    Task on_update_;
    std::uint64_t sent_version_ = 0;  // 0: nothing yet.
    SteadyTime sent_at_;
  };

  // Both must outlive this; the scheduler also the fleet's answers.
  FleetStream(Scheduler& scheduler, FleetReader& fleet, const Config& config)
      : scheduler_(scheduler), fleet_(fleet), config_(config) {}

  // `on_update` is called when Next() may have something.
  [[nodiscard]] std::unique_ptr<Subscription> Subscribe(Task on_update);
  [[nodiscard]] std::size_t subscribers() const { return subscriptions_.size(); }

 private:
  struct Device {
    std::string json;
    std::uint64_t version = 0;  // Of the state in which it last changed.
  };

  void Add(Subscription& subscription);
  void Remove(Subscription& subscription);
  void Ask();
  void Absorb(const std::vector<DeviceSnapshot>& devices);
  void NotifyAll();
  void Tick();
  std::shared_ptr<const std::string> EventSince(std::uint64_t version);
  [[nodiscard]] std::string BuildEvent(std::uint64_t since) const;

  Scheduler& scheduler_;
  FleetReader& fleet_;
  Config config_;
  std::set<Subscription*> subscriptions_;
  Timer tick_;
  enum class Query { kNone, kPending } query_ = Query::kNone;

  std::map<std::string, Device> devices_;
  std::uint64_t version_ = 0;      // Counts states of the fleet; 0 is "none seen".
  std::uint64_t complete_at_ = 1;  // Whoever has seen only states before this one needs everything.
  std::uint64_t now_ms_ = 0;
  // Events already built for this version, by what the subscriber had: most have the same.
  std::map<std::uint64_t, std::shared_ptr<const std::string>> events_;
};

}  // namespace edgefeed
