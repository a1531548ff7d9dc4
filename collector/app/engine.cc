#include "collector/app/engine.h"

#include <string>
#include <utility>

namespace edgefeed {

Engine::Part::Part(std::size_t number, const FleetLimits& limits, const Clock& clock,
                   History& history, AlertRecorder& alerts, CollectorStats& stats)
    : strand("engine-" + std::to_string(number), clock),
      fleet(strand, limits, stats),
      rules(strand, fleet.series(), stats, &alerts),
      store(history.NewWriter(
          strand, fleet.series(),
          [this](const std::string& device, const std::vector<StreamPosition>& positions) {
            ingest.Stored(device, positions);
          })),
      ingest(strand, *store, fleet, rules, stats),
      gate(strand, *store, stats) {}

Engine::Engine(std::size_t strands, const FleetLimits& limits, const Clock& clock, History& history,
               AlertRecorder& alerts, CollectorStats& stats) {
  // Names spread evenly, but not exactly: leave each strand some room.
  const FleetLimits each{
      .devices = strands == 1 ? limits.devices : limits.devices * 5 / 4 / strands + 1,
      .series = limits.series / strands + 1};
  std::vector<Shard> shards;
  for (std::size_t i = 0; i < strands; ++i) {
    Part& part =
        *parts_.emplace_back(std::make_unique<Part>(i, each, clock, history, alerts, stats));
    shards.push_back({.strand = part.strand,
                      .ingest = part.ingest,
                      .gate = part.gate,
                      .fleet = part.fleet,
                      .streams = {}});
  }
  shards_ = std::make_unique<Shards>(std::move(shards));
  Restore(history.inventory());
}

void Engine::Restore(const std::vector<KnownDevice>& devices) {
  for (Shard& shard : *shards_) {
    RunOn(shard.strand, [&] {
      for (const KnownDevice& device : devices) {
        if (&shards_->For(device.name) != &shard) continue;
        shard.fleet.Restore(device);
        shard.ingest.Restore(device.name, device.stored);
      }
    });
  }
}

void Engine::CloseStores() {
  for (const auto& part : parts_) {
    RunOn(part->strand, [&] { part->store.reset(); });
  }
}

void Engine::SetRules(const std::vector<Rule>& rules) {
  for (const auto& part : parts_) {
    RunOn(part->strand, [&] {
      part->rules.SetRules(rules);
      for (const DeviceSnapshot& device : part->fleet.List(Detail::kHeadline)) {
        part->fleet.SetFiring(device.name, part->rules.Firing(device.name));
      }
    });
  }
}

void Engine::EndStreams(const Redirect& redirect, const Error& why) {
  for (Shard& shard : *shards_) {
    RunOn(shard.strand, [&] {
      // A stream may leave the set while it is told.
      const auto streams = shard.streams;
      for (Drainable* stream : streams) stream->Drain(redirect, why);
    });
  }
}

void Engine::Drain() {
  for (const auto& part : parts_) part->strand.Drain();
}

}  // namespace edgefeed
