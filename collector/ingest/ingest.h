#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "collector/ingest/stream_positions.h"
#include "collector/ingest/takeovers.h"
#include "collector/ports.h"
#include "collector/stats.h"
#include "common/base/result.h"
#include "common/model/feed_message.h"
#include "common/model/sample.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// One open feed, as ingest sees it.
class FeedControl {
 public:
  virtual ~FeedControl() = default;
  // The feed must end with this status. It still calls Ingest::Close().
  virtual void End(const Error& why) = 0;
  // Samples of the device up to here are on stable storage: the feed may acknowledge them.
  virtual void Stored(const StreamPosition& position) = 0;
};

// Who opened a feed.
struct FeedIdentity {
  std::string address;  // ip:port
  std::string run_id;   // Of the agent's run; empty from original clients.
};

// Accepts the samples of one shard's devices: one feed per device, duplicates dropped, each sample
// stored, state and rules updated. On the shard's engine strand.
class Ingest {
 public:
  // All references must outlive it.
  Ingest(Scheduler& scheduler, SampleStore& store, FleetUpdates& fleet, RuleEvaluator& rules,
         CollectorStats& stats);

  // What an earlier run of the collector stored of the device. Before its first feed.
  void Restore(const std::string& device, std::span<const StreamPosition> stored);

  // A feed of `device` starts; an older one of the same device is ended with ABORTED. Refused with
  // ALREADY_EXISTS while two devices fight over the name, with RESOURCE_EXHAUSTED when there are
  // too many devices. `feed` must stay until Close().
  Status Open(const std::string& device, const FeedIdentity& identity, FeedControl& feed);

  // What the device of an open feed says of itself.
  void Describe(const std::string& device, DeviceInfo info);

  // The same, and what it holds. Returns how far each of these streams
  // is stored; streams that are not known are left out.
  std::vector<StreamPosition> Resume(const std::string& device, const Hello& hello);

  // The device of an open feed has said that it is there.
  void Heard(const std::string& device);

  // Samples of the feed that has the device. Those of a feed that was replaced in the meantime are
  // not taken. UNAVAILABLE when the store cannot take them: the feed must end, and the device send
  // them again later.
  Status Accept(const std::string& device, FeedControl& feed, std::vector<Sample> samples,
                Lane lane);

  // The store has these on stable storage.
  void Stored(const std::string& device, std::span<const StreamPosition> positions);

  void Close(const std::string& device, const FeedControl& feed);

 private:
  struct Device {
    FeedControl* feed = nullptr;  // Null: not connected.
    FeedIdentity identity;
    SteadyTime last_payload;
    Takeovers takeovers;
    bool conflict_logged = false;
    StreamPositions streams;
  };

  Status Contend(const std::string& device, Device& state, const FeedIdentity& identity);
  bool IsDuplicate(const Device& state, const Sample& sample, FeedControl& feed);
  Status AcceptOne(const std::string& device, Device& state, Sample sample, Lane lane);

  Scheduler& scheduler_;
  SampleStore& store_;
  FleetUpdates& fleet_;
  RuleEvaluator& rules_;
  CollectorStats& stats_;
  std::unordered_map<std::string, Device> devices_;
};

}  // namespace edgefeed
