#pragma once

#include "collector/rules/rule.h"
#include "common/config/yaml_reader.h"

namespace edgefeed {

// Reads `offline`, and what else such a rule has, into `rule`. False: there is no such key.
bool ReadOffline(YamlReader& reader, Rule& rule);

// The keys of an override of such a rule.
void ReadOfflineChange(YamlReader& reader, RuleOverride& changes);

// Reads `no_data` of a rule about a metric.
void ReadNoData(YamlReader& reader, Rule& rule);

}  // namespace edgefeed
