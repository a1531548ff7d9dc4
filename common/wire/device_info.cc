#include "common/wire/device_info.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "common/wire/bounded_text.h"
#include "telemetry.pb.h"

namespace edgefeed {
namespace {

constexpr std::size_t kMaxInfoLabels = 32;
constexpr std::size_t kMaxInfoText = 256;
// The year 9999: what comes from a network may be any number.
constexpr std::uint64_t kMostMillis = 253'402'300'799'999;

std::string Bounded(const std::string& text) { return BoundedText(text, kMaxInfoText); }

// A newer sender may know more reasons.
BootReason ReasonFrom(const telemetry::BootInfo& wire) {
  return telemetry::BootReason_IsValid(wire.reason()) ? static_cast<BootReason>(wire.reason())
                                                      : BootReason::kUnknown;
}

BootInfo BootFrom(const telemetry::BootInfo& wire) {
  BootInfo boot{.reason = ReasonFrom(wire), .detail = Bounded(wire.detail())};
  if (wire.has_offline_ms())
    boot.offline = std::chrono::milliseconds(std::min(wire.offline_ms(), kMostMillis));
  if (wire.has_started_ms())
    boot.started = FromUnixMillis(std::min(wire.started_ms(), kMostMillis));
  return boot;
}

void ToWire(const BootInfo& boot, telemetry::BootInfo& wire) {
  wire.set_reason(static_cast<telemetry::BootReason>(boot.reason));
  wire.set_detail(boot.detail);
  if (boot.offline) wire.set_offline_ms(static_cast<std::uint64_t>(boot.offline->count()));
  if (boot.started) wire.set_started_ms(UnixMillis(*boot.started));
}

}  // namespace

DeviceInfo FromWire(const telemetry::DeviceInfo& wire) {
  DeviceInfo info{.boot_id = Bounded(wire.boot_id()),
                  .run_id = Bounded(wire.run_id()),
                  .agent_version = Bounded(wire.agent_version()),
                  .kernel_release = Bounded(wire.kernel_release()),
                  .machine = Bounded(wire.machine()),
                  .operating_system = Bounded(wire.operating_system()),
                  .labels = {},
                  .boot = std::nullopt};
  if (wire.has_boot()) info.boot = BootFrom(wire.boot());
  for (const auto& label : wire.labels()) {
    if (info.labels.size() == kMaxInfoLabels) break;
    info.labels.push_back({Bounded(label.name()), Bounded(label.value())});
  }
  return info;
}

void ToWire(const DeviceInfo& info, telemetry::DeviceInfo& wire) {
  wire.set_boot_id(info.boot_id);
  wire.set_run_id(info.run_id);
  wire.set_agent_version(info.agent_version);
  wire.set_kernel_release(info.kernel_release);
  wire.set_machine(info.machine);
  wire.set_operating_system(info.operating_system);
  for (const Label& label : info.labels) {
    auto* added = wire.add_labels();
    added->set_name(label.name);
    added->set_value(label.value);
  }
  if (info.boot) ToWire(*info.boot, *wire.mutable_boot());
}

}  // namespace edgefeed
