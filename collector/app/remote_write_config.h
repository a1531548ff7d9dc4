#pragma once

#include <vector>

#include "collector/remote/remote_config.h"
#include "common/config/yaml_reader.h"

namespace edgefeed {

// Reads the list `remote_write`.
void ReadRemoteWrites(YamlReader& root, std::vector<RemoteWriteConfig>& remotes);

}  // namespace edgefeed
