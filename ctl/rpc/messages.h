#pragma once

#include "ctl/client.h"

namespace edgefeed {
class Device;
class HistoryPoint;
}  // namespace edgefeed
namespace telemetry {
class MetricsResponse;
class Series;
}  // namespace telemetry
namespace fileupload {
class UploadResponse;
}  // namespace fileupload

namespace edgefeed {

DeviceEntry FromWire(const Device& wire, JsonForm json);
DeviceSample FromWire(const telemetry::MetricsResponse& wire, JsonForm json);
UploadReply FromWire(const fileupload::UploadResponse& wire, JsonForm json);
UploadStep StepFromWire(const fileupload::UploadResponse& wire, JsonForm json);
Series FromWire(const telemetry::Series& wire);
// `series`: what the point is of.
PastValue FromWire(const HistoryPoint& wire, const telemetry::Series& series, JsonForm json);

}  // namespace edgefeed
