#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "collector/fleet/fleet.h"
#include "collector/history/history.h"
#include "collector/ingest/ingest.h"
#include "collector/ingest/read_gate.h"
#include "collector/ports.h"
#include "collector/rpc/shards.h"
#include "collector/rules/rule.h"
#include "collector/rules/rule_engine.h"
#include "collector/stats.h"
#include "common/base/allowances.h"
#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/runtime/strand.h"
#include "common/runtime/turns.h"

namespace edgefeed {

// The engine strands, each with the state of its devices: ingest → rules, fleet.
class Engine {
 public:
  // `clock`, `recorder` and `stats` must outlive it, `history` until CloseStores(). The limits are
  // for all strands together. Begins with the devices that the history knows.
  Engine(std::size_t strands, const FleetLimits& limits, const Clock& clock, History& history,
         AlertRecorder& recorder, CollectorStats& stats);

  // Valid as long as the engine.
  Shards& shards() { return *shards_; }

  // From the main thread; returns when every strand uses the rules.
  void SetRules(const std::vector<Rule>& rules);

  // The rules go on where an earlier run stopped, which was there last at `last_alive`. Once, after
  // SetRules() and before there are feeds.
  void RestoreRules(const std::vector<KnownDevice>& devices,
                    const std::vector<DeviceRuleState>& states,
                    const std::optional<WallTime>& last_alive);

  // Ends every stream with this status, having told agents when and where to come back. From the
  // main thread; returns when all have been told.
  void EndStreams(const Redirect& redirect, const Error& why);

  // Hands over what was accepted to the history, and lets go of it. When there are no feeds any
  // more; from the main thread.
  void CloseStores();

  // Returns when everything posted before has run.
  void Drain();

 private:
  // Member order is flow order backwards: each may use the ones above it.
  struct Part {
    Part(std::size_t number, const FleetLimits& limits, const Clock& clock, History& history,
         AlertRecorder& recorder, CollectorStats& stats);
    Strand strand;
    Fleet fleet;
    RuleEngine rules;
    std::unique_ptr<SampleStore> store;
    Ingest ingest;
    ReadGate gate;
    Turns turns;
    Allowances rates;
  };

  void Restore(const std::vector<KnownDevice>& devices);

  std::vector<std::unique_ptr<Part>> parts_;
  std::unique_ptr<Shards> shards_;
};

}  // namespace edgefeed
