#pragma once

#include <string>
#include <vector>

#include "collector/ports.h"

// Devices as JSON, with the field names of edgefeed.Device (proto/fleet.proto). Differences from
// protobuf's own JSON: numbers are numbers, whatever their size, and every field but `info` is
// always there; a value that is not finite is null.
namespace edgefeed {

// An array of devices.
std::string DevicesJson(const std::vector<DeviceSnapshot>& devices);

// One device, with `readings` as in telemetry.MetricsResponse.
std::string DeviceJson(const DeviceSnapshot& device);

// One device without `info` and readings: what changes from second to second.
std::string DeviceHeadlineJson(const DeviceSnapshot& device);

// {"code":"NOT_FOUND","message":"…"}
std::string ErrorJson(const Error& error);

}  // namespace edgefeed
