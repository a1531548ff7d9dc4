#pragma once

#include "ctl/client.h"

namespace edgefeed {
class Device;
}  // namespace edgefeed
namespace telemetry {
class MetricsResponse;
}  // namespace telemetry
namespace fileupload {
class UploadResponse;
}  // namespace fileupload

namespace edgefeed {

DeviceEntry FromWire(const Device& wire, JsonForm json);
DeviceSample FromWire(const telemetry::MetricsResponse& wire, JsonForm json);
UploadReply FromWire(const fileupload::UploadResponse& wire, JsonForm json);

}  // namespace edgefeed
