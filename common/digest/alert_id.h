#pragma once

#include <string>

#include "common/model/alert_event.h"

namespace edgefeed {

// 16 hexadecimal digits, the same for an alert whenever it fires: the first 8 bytes of the SHA-256
// of device, rule, metric and labels of the series, each with its size before it.
std::string AlertId(const AlertKey& key);

}  // namespace edgefeed
