#pragma once

#include "collector/rules/rule.h"
#include "common/config/yaml_reader.h"

namespace edgefeed {

// Reads one rule. Its name is not checked against those of others.
Rule ReadRule(YamlReader& reader);

}  // namespace edgefeed
