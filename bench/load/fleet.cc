#include "bench/load/fleet.h"

#include <algorithm>

#include "bench/support/certificates.h"
#include "bench/support/channel.h"

namespace edgefeed::bench {
namespace {

std::string DeviceName(const LoadOptions& options, std::size_t i) {
  return options.name_prefix + FiveDigits(i);
}

// Null: plaintext.
Result<std::shared_ptr<grpc::ChannelCredentials>> CredentialsOf(const std::string& device,
                                                                const LoadOptions& options) {
  if (!options.certificates.empty()) return DeviceCredentials(options.certificates, device);
  if (options.ca.empty()) return std::shared_ptr<grpc::ChannelCredentials>();
  return ClientCredentials(TlsFiles{.ca = options.ca, .cert = {}, .key = {}});
}

}  // namespace

Result<std::unique_ptr<Fleet>> Fleet::Create(const LoadOptions& options) {
  std::unique_ptr<Fleet> fleet(new Fleet(options));
  const auto connections = options.connections == 0 ? options.devices : options.connections;
  for (std::size_t i = 0; i < connections; ++i) {
    const auto credentials = CredentialsOf(DeviceName(options, i), options);
    if (!credentials) return credentials.error();
    fleet->stubs_.push_back(
        telemetry::TelemetryService::NewStub(OpenChannel(options.target, *credentials)));
  }
  for (std::size_t i = 0; i < options.devices; ++i) {
    fleet->feeds_.push_back(std::make_unique<DeviceFeed>(
        DeviceName(options, i), i, options.feed, fleet->source_, fleet->totals_, fleet->loop_));
  }
  return fleet;
}

Fleet::Fleet(const LoadOptions& options) : options_(options), source_(options.feed.readings) {}

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

}  // namespace edgefeed::bench
