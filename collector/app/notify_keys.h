#pragma once

#include "collector/notify/notify_config.h"
#include "common/config/yaml_reader.h"

namespace edgefeed {

// Reads `notify` of collector.yaml.
void ReadNotify(YamlReader& root, NotifyConfig& config);

}  // namespace edgefeed
