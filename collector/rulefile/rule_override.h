#pragma once

#include "collector/rules/rule.h"
#include "common/config/yaml_reader.h"

namespace edgefeed {

// Reads `labels`: names with values.
void ReadLabels(YamlReader& reader, Labels& labels);
// Reads the mapping of a `match`.
void ReadMatch(YamlReader& match, DeviceMatch& devices);
// Reads `overrides`. Needs the rule's levels.
void ReadOverrides(YamlReader& reader, Rule& rule);

}  // namespace edgefeed
