#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "collector/ingest/takeovers.h"
#include "collector/ports.h"
#include "collector/stats.h"
#include "common/base/result.h"
#include "common/model/alert.h"
#include "common/model/sample.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// One open feed, as ingest sees it.
class FeedControl {
 public:
  virtual ~FeedControl() = default;
  // The feed must end with this status. It still calls Ingest::Close().
  virtual void End(const Error& why) = 0;
};

// Who opened a feed.
struct FeedIdentity {
  std::string address;  // ip:port
  std::string run_id;   // Of the agent's run; empty from original clients.
};

// Accepts the payloads of one shard's devices: one feed per device, duplicates dropped, state and
// rules updated. On the shard's engine strand.
class Ingest {
 public:
  // All references must outlive it.
  Ingest(Scheduler& scheduler, FleetUpdates& fleet, RuleEvaluator& rules, CollectorStats& stats);

  // A feed of `device` starts; an older one of the same device is ended with ABORTED. Refused with
  // ALREADY_EXISTS while two devices fight over the name, with RESOURCE_EXHAUSTED when there are
  // too many devices. `feed` must stay until Close().
  Status Open(const std::string& device, const FeedIdentity& identity, FeedControl& feed);

  // A payload of the feed that has the device. Returns the alerts to send down. A feed that was
  // replaced in the meantime gets none, and its payload is not taken.
  std::vector<Alert> Accept(const std::string& device, const FeedControl& feed, Sample sample,
                            const std::shared_ptr<const DeviceInfo>& info);

  void Close(const std::string& device, const FeedControl& feed);

 private:
  struct Device {
    FeedControl* feed = nullptr;  // Null: not connected.
    FeedIdentity identity;
    SteadyTime last_payload;
    Takeovers takeovers;
    bool conflict_logged = false;
    // Highest sequence accepted from `run_id`.
    std::string run_id;
    std::uint64_t sequence = 0;
  };

  Status Contend(const std::string& device, Device& state, const FeedIdentity& identity);
  static bool IsDuplicate(Device& state, const Sample& sample, const DeviceInfo* info);

  Scheduler& scheduler_;
  FleetUpdates& fleet_;
  RuleEvaluator& rules_;
  CollectorStats& stats_;
  std::unordered_map<std::string, Device> devices_;
};

}  // namespace edgefeed
