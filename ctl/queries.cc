#include "ctl/queries.h"

#include "common/base/safe_text.h"
#include "ctl/render/device_table.h"
#include "ctl/render/snapshot_report.h"

namespace edgefeed {

Status RunDevices(CollectorClient& client, const CtlOptions& options, const Clock& clock,
                  Console& console) {
  const auto devices = client.ListDevices();
  if (!devices) return devices.error();
  if (!options.json && !options.names_only) {
    console.out << RenderLines(DeviceTable(*devices, clock.Wall()), console.colour);
    return {};
  }
  for (const DeviceEntry& device : *devices) {
    console.out << (options.names_only ? SafeText(device.name) : device.json) << '\n';
  }
  return {};
}

Status RunSnapshot(CollectorClient& client, const CtlOptions& options, const Clock& clock,
                   Console& console) {
  const auto sample = client.GetSnapshot(options.device);
  if (!sample) return sample.error();
  if (options.json) {
    console.out << sample->json << '\n';
  } else {
    console.out << RenderLines(SnapshotReport(*sample, clock.Wall()), console.colour);
  }
  return {};
}

}  // namespace edgefeed
