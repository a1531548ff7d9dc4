#include "collector/fleet/fleet.h"

#include <algorithm>
#include <utility>

namespace edgefeed {
namespace {

// Somebody must raise the limit first.
constexpr std::chrono::minutes kRoomForDevices{5};

constexpr std::size_t kNameBytes = 512;
constexpr double kSecondsADay = 86'400;

// As how many series it counts: by what it takes in memory.
double WeightOf(const Series& series) {
  std::size_t bytes = series.metric.size();
  for (const Label& label : series.labels) {
    bytes += sizeof label + label.name.size() + label.value.size();
  }
  const std::size_t names = 1 + bytes / kNameBytes;
  return static_cast<double>(names);
}

}  // namespace

Fleet::Fleet(Scheduler& scheduler, const FleetLimits& limits, CollectorStats& stats)
    : scheduler_(scheduler), limits_(limits), stats_(stats), series_(limits.series) {}

Status Fleet::Admit(const std::string& device) {
  if (Knows(device)) return {};
  if (devices_.size() >= limits_.devices) {
    ++stats_.devices_refused;
    return Error{Code::kResourceExhausted,
                 "device '" + device + "' is refused: the collector already knows " +
                     std::to_string(stats_.devices.load()) + " devices (limits.devices)",
                 kRoomForDevices};
  }
  const std::size_t block = devices_.size() / kBlock;
  if (block == block_versions_.size()) block_versions_.push_back(0);
  by_name_.emplace(device, &devices_.emplace_back(Device{.name = device, .block = block}));
  ++stats_.devices;
  return {};
}

std::optional<SeriesId> Fleet::Introduce(const std::string& device, const Series& series) {
  if (const auto known = series_.Find(series)) return known;
  auto allowance = introductions_.find(device);
  if (allowance == introductions_.end()) {
    if (introductions_.size() >= limits_.devices) return std::nullopt;
    allowance = introductions_.emplace(device, Allowance()).first;
  }
  const auto most = static_cast<double>(limits_.series_per_device);
  if (!allowance->second.Take(scheduler_.Now(), most / kSecondsADay, most, WeightOf(series))) {
    return std::nullopt;
  }
  return series_.Intern(series);
}

void Fleet::Connected(const std::string& device, const std::string& address) {
  Device& state = Find(device);
  state.connected = true;
  state.address = address;
}

void Fleet::Disconnected(const std::string& device) { Find(device).connected = false; }

void Fleet::Restore(const KnownDevice& known) {
  if (!Admit(known.name)) return;
  Device& state = Find(known.name);
  state.first_seen = known.first_seen;
  state.last_seen = known.last_seen;
  state.request_count = known.request_count;
  state.info = known.info;
}

void Fleet::Describe(const std::string& device, const std::shared_ptr<const DeviceInfo>& info) {
  Find(device).info = info;
}

void Fleet::Update(const std::string& device, Sample sample, Lane lane) {
  Device& state = Find(device);
  state.last_seen = scheduler_.WallNow();
  if (state.request_count++ == 0) state.first_seen = state.last_seen;
  if (lane == Lane::kBacklog && state.has_sample && sample.time <= state.sample.time) return;
  state.sample = std::move(sample);
  state.has_sample = true;
  state.version = block_versions_[state.block] = ++version_;
  for (FleetListener* listener : state.listeners) listener->OnChanged();
  for (FleetListener* listener : listeners_) listener->OnChanged();
}

void Fleet::SetFiring(const std::string& device, std::vector<std::string> rules) {
  Find(device).firing = std::move(rules);
}

std::optional<DeviceSnapshot> Fleet::Get(const std::string& device, Detail detail) const {
  const auto found = by_name_.find(device);
  if (found == by_name_.end() || !found->second->has_sample) return std::nullopt;
  return Snapshot(*found->second, detail);
}

std::vector<DeviceSnapshot> Fleet::List(Detail detail) const {
  std::vector<DeviceSnapshot> all;
  all.reserve(devices_.size());
  for (const Device& device : devices_) {
    if (device.request_count > 0) all.push_back(Snapshot(device, detail));
  }
  std::ranges::sort(all, {}, &DeviceSnapshot::name);
  return all;
}

std::vector<DeviceSnapshot> Fleet::NewerThan(std::size_t block, Version& cursor,
                                             Detail detail) const {
  std::vector<DeviceSnapshot> newer;
  if (block_versions_[block] <= cursor) return newer;
  const std::size_t end = std::min(devices_.size(), (block + 1) * kBlock);
  for (std::size_t i = block * kBlock; i < end; ++i) {
    if (devices_[i].version > cursor) newer.push_back(Snapshot(devices_[i], detail));
  }
  cursor = block_versions_[block];
  return newer;
}

std::vector<DeviceSnapshot> Fleet::NewerThan(const std::string& device, Version& cursor,
                                             Detail detail) const {
  const auto found = by_name_.find(device);
  if (found == by_name_.end() || found->second->version <= cursor) return {};
  cursor = found->second->version;
  return {Snapshot(*found->second, detail)};
}

void Fleet::AddListener(const std::string& device, FleetListener& listener) {
  Listeners(device).push_back(&listener);
}

void Fleet::RemoveListener(const std::string& device, FleetListener& listener) {
  std::erase(Listeners(device), &listener);
}

std::vector<FleetListener*>& Fleet::Listeners(const std::string& device) {
  return device.empty() ? listeners_ : Find(device).listeners;
}

DeviceSnapshot Fleet::Snapshot(const Device& device, Detail detail) const {
  DeviceSnapshot snapshot{.name = device.name,
                          .connected = device.connected,
                          .address = device.address,
                          .first_seen = device.first_seen,
                          .last_seen = device.last_seen,
                          .request_count = device.request_count,
                          .firing = device.firing,
                          .info = device.info,
                          .has_sample = device.has_sample,
                          .sample_time = device.sample.time,
                          .cpu_usage_percent = device.sample.cpu_usage_percent,
                          .memory_used_mib = device.sample.memory_used_mib,
                          .readings = {}};
  if (detail == Detail::kHeadline) return snapshot;
  snapshot.readings.reserve(device.sample.readings.size());
  for (const Reading& reading : device.sample.readings) {
    snapshot.readings.push_back({series_[reading.series], reading.value});
  }
  return snapshot;
}

}  // namespace edgefeed
