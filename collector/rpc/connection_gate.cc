#include "collector/rpc/connection_gate.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace edgefeed {
namespace {

constexpr double kConnectionBurstSeconds = 5;
// To count ten thousand descriptors takes milliseconds.
constexpr std::chrono::seconds kCountEvery{1};

}  // namespace

ConnectionGate::ConnectionGate(const ConnectionLimits& limits, CountDescriptors count)
    : limits_(limits), count_(std::move(count)), own_(count_()) {}

ConnectionGate::Verdict ConnectionGate::Ask(SteadyTime now, const std::string& source) {
  const double rate = limits_.per_second_and_address;
  if (!sources_.Of(source).Take(now, rate, kConnectionBurstSeconds * rate))
    return Verdict::kTooOften;
  if (IsFull(now)) return Verdict::kTooManyOpen;
  ++open_;
  return Verdict::kLetIn;
}

SteadyTime::duration ConnectionGate::Pause(SteadyTime now) {
  return all_.Owe(now, limits_.per_second, limits_.per_second, 1);
}

bool ConnectionGate::IsFull(SteadyTime now) {
  if (now >= counted_ + kCountEvery) {
    const std::size_t descriptors = count_();
    open_ = descriptors - std::min(descriptors, own_);
    counted_ = now;
  }
  return open_ >= limits_.connections;
}

}  // namespace edgefeed
