#include "collector/ingest/ingest.h"

#include <spdlog/spdlog.h>

#include <utility>

namespace edgefeed {
namespace {

// A feed that sent a payload this recently is alive. A device that reconnects leaves a silent one.
constexpr std::chrono::seconds kStillSending{3};
// In a conflict the holder keeps the name until it has been silent this long.
constexpr std::chrono::seconds kHolderSilent{30};

}  // namespace

Ingest::Ingest(Scheduler& scheduler, SampleStore& store, FleetUpdates& fleet, RuleEvaluator& rules,
               CollectorStats& stats)
    : scheduler_(scheduler), store_(store), fleet_(fleet), rules_(rules), stats_(stats) {}

void Ingest::Restore(const std::string& device, std::span<const StreamPosition> stored) {
  devices_[device].streams.Restore(stored);
}

Status Ingest::Open(const std::string& device, const FeedIdentity& identity, FeedControl& feed) {
  if (const Status admitted = fleet_.Admit(device); !admitted) return admitted;
  Device& state = devices_[device];
  if (state.feed != nullptr) {
    if (const Status won = Contend(device, state, identity); !won) return won;
    ++stats_.feeds_replaced;
    // Forget it first: it may call Close() from End().
    FeedControl* old = std::exchange(state.feed, nullptr);
    old->End(Error{Code::kAborted, "a newer feed of device '" + device + "' came from " +
                                       identity.address + "; one device has one feed"});
  }
  state.feed = &feed;
  state.identity = identity;
  state.last_payload = scheduler_.Now();
  fleet_.Connected(device, identity.address);
  rules_.Heard(device);
  return {};
}

// The newest feed wins, unless two devices take the name from each other again and again.
Status Ingest::Contend(const std::string& device, Device& state, const FeedIdentity& identity) {
  const SteadyTime now = scheduler_.Now();
  const auto silent = now - state.last_payload;
  const bool same_agent = !identity.run_id.empty() && identity.run_id == state.identity.run_id;
  if (same_agent || silent >= kHolderSilent) return {};
  if (state.takeovers.InConflict(now)) {
    ++stats_.feeds_refused_conflict;
    state.takeovers.Contested(now);  // As long as the other one keeps trying, the conflict lasts.
    if (!std::exchange(state.conflict_logged, true)) {
      spdlog::error(
          "two devices use the name '{}': {} keeps it, {} is refused; give one of them another "
          "service_name",
          device, state.identity.address, identity.address);
    }
    return Error{Code::kAlreadyExists, "another device at " + state.identity.address +
                                           " uses the name '" + device +
                                           "'; give one of them another service_name"};
  }
  state.conflict_logged = false;
  if (silent < kStillSending) state.takeovers.Contested(now);
  return {};
}

void Ingest::Describe(const std::string& device, DeviceInfo info) {
  const auto shared = std::make_shared<const DeviceInfo>(std::move(info));
  fleet_.Describe(device, shared);
  store_.Describe(device, *shared);
  rules_.Describe(device, shared);
}

std::vector<StreamPosition> Ingest::Resume(const std::string& device, const Hello& hello) {
  Describe(device, hello.info);
  std::vector<StreamPosition> stored;
  const StreamPositions& streams = devices_[device].streams;
  for (const StreamPosition& held : hello.held) {
    if (const auto sequence = streams.stored(held.stream); sequence > 0) {
      stored.push_back({held.stream, sequence});
    }
  }
  return stored;
}

void Ingest::Heard(const std::string& device) { rules_.Heard(device); }

Status Ingest::Accept(const std::string& device, FeedControl& feed, std::vector<Sample> samples,
                      Lane lane) {
  Device& state = devices_[device];
  if (state.feed != &feed) return {};
  state.last_payload = scheduler_.Now();
  for (Sample& sample : samples) {
    if (IsDuplicate(state, sample, feed)) continue;
    if (Status accepted = AcceptOne(device, state, std::move(sample), lane); !accepted) {
      return accepted;
    }
  }
  return {};
}

// After a reconnect an agent sends again what it does not know to be stored. What is on its way to
// the disk is acknowledged when it is there.
bool Ingest::IsDuplicate(const Device& state, const Sample& sample, FeedControl& feed) {
  const StreamPosition& position = sample.position;
  if (position.stream == 0 || !state.streams.Accepted(position)) return false;
  ++stats_.payloads_duplicate;
  const std::uint64_t stored = state.streams.stored(position.stream);
  if (position.sequence <= stored) feed.Stored({position.stream, stored});
  return true;
}

Status Ingest::AcceptOne(const std::string& device, Device& state, Sample sample, Lane lane) {
  if (Status stored = store_.Append(device, sample, scheduler_.WallNow()); !stored) {
    ++stats_.payloads_refused;
    return stored;
  }
  if (sample.position.stream != 0) state.streams.Accept(sample.position);
  ++stats_.payloads_accepted;
  if (sample.clock == ClockTrust::kGuess) ++stats_.payloads_dated_by_guess;
  if (lane == Lane::kBacklog) ++stats_.payloads_backlog;
  rules_.Observe(device, sample, lane);
  fleet_.Update(device, std::move(sample), lane);
  return {};
}

void Ingest::Stored(const std::string& device, std::span<const StreamPosition> positions) {
  Device& state = devices_[device];
  for (const StreamPosition& position : positions) {
    state.streams.Stored(position);
    if (state.feed != nullptr) state.feed->Stored(position);
  }
}

void Ingest::Close(const std::string& device, const FeedControl& feed) {
  const auto found = devices_.find(device);
  if (found == devices_.end() || found->second.feed != &feed) return;
  found->second.feed = nullptr;
  fleet_.Disconnected(device);
}

}  // namespace edgefeed
