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

Ingest::Ingest(Scheduler& scheduler, FleetUpdates& fleet, RuleEvaluator& rules,
               CollectorStats& stats)
    : scheduler_(scheduler), fleet_(fleet), rules_(rules), stats_(stats) {}

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

std::vector<Alert> Ingest::Accept(const std::string& device, const FeedControl& feed, Sample sample,
                                  const std::shared_ptr<const DeviceInfo>& info) {
  Device& state = devices_[device];
  if (state.feed != &feed) return {};
  state.last_payload = scheduler_.Now();
  if (IsDuplicate(state, sample, info.get())) {
    ++stats_.payloads_duplicate;
    return {};
  }
  ++stats_.payloads_accepted;
  Verdict verdict = rules_.Observe(device, sample);
  fleet_.Update(device, std::move(sample), info);
  if (verdict.firing_changed) fleet_.SetFiring(device, rules_.Firing(device));
  stats_.alerts_fired += verdict.alerts.size();
  return std::move(verdict.alerts);
}

// After a reconnect an agent sends again what it does not know to be accepted.
bool Ingest::IsDuplicate(Device& state, const Sample& sample, const DeviceInfo* info) {
  if (info == nullptr || sample.sequence == 0) return false;
  if (state.run_id != info->run_id) {
    state.run_id = info->run_id;
    state.sequence = 0;
  }
  if (sample.sequence <= state.sequence) return true;
  state.sequence = sample.sequence;
  return false;
}

void Ingest::Close(const std::string& device, const FeedControl& feed) {
  const auto found = devices_.find(device);
  if (found == devices_.end() || found->second.feed != &feed) return;
  found->second.feed = nullptr;
  fleet_.Disconnected(device);
}

}  // namespace edgefeed
