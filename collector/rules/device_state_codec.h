#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "collector/rules/device_mailbox.h"
#include "collector/rules/device_timeline.h"
#include "collector/rules/rule_state.h"
#include "common/base/result.h"
#include "common/model/series.h"

// What survives a run of the collector of the rules on one device. FORMAT.md describes the bytes.
namespace edgefeed {

struct SavedInstance {
  std::string rule;
  std::uint64_t condition_id = 0;
  Series series;
  RuleState state;
  bool no_data = false;
  friend bool operator==(const SavedInstance&, const SavedInstance&) = default;
};

struct SavedDevice {
  DeviceTimeline::Memory timeline;
  std::vector<SavedInstance> instances;
  DeviceMailbox::Memory mailbox;
  friend bool operator==(const SavedDevice&, const SavedDevice&) = default;
};

std::string EncodeSavedDevice(const SavedDevice& device);
// DATA_LOSS, whatever the bytes are.
Result<SavedDevice> DecodeSavedDevice(std::string_view bytes);

}  // namespace edgefeed
