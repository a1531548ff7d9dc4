#include "common/wire/device_info.h"

#include <string>

#include "common/wire/bounded_text.h"
#include "telemetry.pb.h"

namespace edgefeed {
namespace {

constexpr std::size_t kMaxLabels = 32;
constexpr std::size_t kMaxText = 256;

std::string Bounded(const std::string& text) { return BoundedText(text, kMaxText); }

}  // namespace

DeviceInfo FromWire(const telemetry::DeviceInfo& wire) {
  DeviceInfo info{.boot_id = Bounded(wire.boot_id()),
                  .run_id = Bounded(wire.run_id()),
                  .agent_version = Bounded(wire.agent_version()),
                  .kernel_release = Bounded(wire.kernel_release()),
                  .machine = Bounded(wire.machine()),
                  .operating_system = Bounded(wire.operating_system()),
                  .labels = {}};
  for (const auto& label : wire.labels()) {
    if (info.labels.size() == kMaxLabels) break;
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
}

}  // namespace edgefeed
