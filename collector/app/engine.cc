#include "collector/app/engine.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

// 0 when the clock was set back meanwhile.
std::chrono::milliseconds Between(WallTime earlier, WallTime later) {
  return std::max(0ms, later - earlier);
}

// A collector that was killed may have got to write down an alert, and not yet the sample: these
// were last there at `seen`.
std::vector<KnownDevice> OnlyAlerted(const std::vector<KnownDevice>& devices,
                                     const std::vector<DeviceRuleState>& states, WallTime seen) {
  std::unordered_set<std::string_view> stored;
  for (const KnownDevice& device : devices) stored.insert(device.name);
  std::vector<KnownDevice> only_alerted;
  for (const DeviceRuleState& state : states) {
    if (stored.contains(state.device)) continue;
    only_alerted.push_back({.name = state.device, .first_seen = seen, .last_seen = seen});
  }
  return only_alerted;
}

}  // namespace

Engine::Part::Part(std::size_t number, const FleetLimits& limits, const Clock& clock,
                   History& history, AlertRecorder& recorder, CollectorStats& stats)
    : strand("engine-" + std::to_string(number), clock),
      fleet(strand, limits, stats),
      rules(strand, fleet.series(), fleet, recorder, stats),
      store(history.NewWriter(
          strand, fleet.series(),
          [this](const std::string& device, const std::vector<StreamPosition>& positions) {
            ingest.Stored(device, positions);
          })),
      ingest(strand, *store, fleet, rules, stats),
      gate(strand, *store, stats),
      turns(strand) {}

Engine::Engine(std::size_t strands, const FleetLimits& limits, const Clock& clock, History& history,
               AlertRecorder& recorder, CollectorStats& stats) {
  // Names spread evenly, but not exactly: leave each strand some room.
  const FleetLimits each{
      .devices = strands == 1 ? limits.devices : limits.devices * 5 / 4 / strands + 1,
      .series = limits.series / strands + 1,
      .series_per_device = limits.series_per_device};
  std::vector<Shard> shards;
  for (std::size_t i = 0; i < strands; ++i) {
    Part& part =
        *parts_.emplace_back(std::make_unique<Part>(i, each, clock, history, recorder, stats));
    shards.push_back({.strand = part.strand,
                      .ingest = part.ingest,
                      .gate = part.gate,
                      .turns = part.turns,
                      .rates = part.rates,
                      .alerts = part.rules,
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

void Engine::RestoreRules(const std::vector<KnownDevice>& devices,
                          const std::vector<DeviceRuleState>& states,
                          const std::optional<WallTime>& last_alive) {
  std::unordered_map<std::string_view, std::string_view> bytes;
  for (const DeviceRuleState& state : states) bytes.emplace(state.device, state.bytes);
  const std::vector<KnownDevice> only_alerted =
      OnlyAlerted(devices, states, last_alive.value_or(WallTime()));
  for (const auto& part : parts_) {
    RunOn(part->strand, [&] {
      const auto down = last_alive ? Between(*last_alive, part->strand.WallNow()) : 0ms;
      const auto restore = [&](const KnownDevice& device) {
        const auto state = bytes.find(device.name);
        part->rules.Restore(device.name, device.info,
                            {.state = state == bytes.end() ? std::string_view() : state->second,
                             .silent = last_alive ? Between(device.last_seen, *last_alive) : 0ms,
                             .down = down});
      };
      const auto is_here = [&](const KnownDevice& device) {
        return &shards_->For(device.name).strand == &part->strand;
      };
      for (const KnownDevice& device : devices) {
        if (is_here(device)) restore(device);
      }
      for (const KnownDevice& device : only_alerted) {
        if (!is_here(device)) continue;
        part->fleet.Restore(device);
        restore(device);
      }
    });
  }
}

void Engine::CloseStores() {
  for (const auto& part : parts_) {
    RunOn(part->strand, [&] {
      part->rules.Save();
      part->store.reset();
    });
  }
}

void Engine::SetRules(const std::vector<Rule>& rules) {
  for (const auto& part : parts_) {
    RunOn(part->strand, [&] { part->rules.SetRules(rules); });
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
