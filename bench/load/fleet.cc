#include "bench/load/fleet.h"

#include <algorithm>

#include "bench/support/channel.h"

namespace edgefeed::bench {

Fleet::Fleet(const LoadOptions& options) : options_(options), source_(options.feed.readings) {
  const auto connections = options.connections == 0 ? options.devices : options.connections;
  for (std::size_t i = 0; i < connections; ++i) {
    stubs_.push_back(telemetry::TelemetryService::NewStub(OpenChannel(options.target)));
  }
  for (std::size_t i = 0; i < options.devices; ++i) {
    feeds_.push_back(
        std::make_unique<DeviceFeed>(DeviceName(i), i, options.feed, source_, totals_, loop_));
  }
}

bool Fleet::Connect() {
  const auto open = [this](std::size_t i) { feeds_[i]->Open(*stubs_[i % stubs_.size()]); };
  const auto settled = [this] { return totals_.opened + totals_.refused; };
  return StartAll(loop_, feeds_.size(), options_.connect_timeout, open, settled);
}

void Fleet::StartSending() {
  if (options_.feed.pacing == Pacing::kClosedLoop) {
    for (const auto& feed : feeds_) feed->Send();
    return;
  }
  const std::chrono::duration<double> period(1 / options_.rate_hz);
  const auto start = SystemClock().Steady();
  loop_.Pace(
      Pacer(feeds_.size(), std::chrono::duration_cast<std::chrono::nanoseconds>(period), start),
      [this](std::size_t i) { feeds_[i]->Send(); });
}

void Fleet::Disconnect() {
  loop_.StopPacing();
  for (const auto& feed : feeds_) feed->Cancel();
  loop_.Run(std::chrono::seconds(30), [this] { return totals_.ended == feeds_.size(); });
  loop_.Drain();
}

// bench-00042
std::string Fleet::DeviceName(std::size_t i) const {
  constexpr std::size_t kDigits = 5;
  const auto number = std::to_string(i);
  return options_.name_prefix + std::string(kDigits - std::min(kDigits, number.size()), '0') +
         number;
}

}  // namespace edgefeed::bench
