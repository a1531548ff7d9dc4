#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "collector/history/numbers.h"
#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/model/device.h"
#include "common/model/series.h"
#include "common/model/stream.h"

// What a batch of the frame log is made of: entries, one after the other. FORMAT.md has the bytes.
namespace edgefeed {

// One sample on its way in.
struct Frame {
  DeviceNumber device = 0;
  StreamPosition position;  // Stream 0: none.
  WallTime received;
  WallTime time;             // Of the sample.
  std::string_view columns;  // The sample, by EncodeSamples with the history's series numbers.
};

// What a number stands for. Comes before what uses it.
struct DeviceName {
  DeviceNumber number = 0;
  std::string name;
};
struct SeriesName {
  SeriesNumber number = 0;
  Series series;
};

struct DeviceDescription {
  DeviceNumber device = 0;
  DeviceInfo info;
};

using Entry = std::variant<Frame, DeviceName, SeriesName, DeviceDescription>;

// Append one entry to `out`.
void PutFrame(const Frame& frame, std::string& out);
void PutDeviceName(DeviceNumber number, std::string_view name, std::string& out);
void PutSeriesName(SeriesNumber number, const Series& series, std::string& out);
void PutDeviceDescription(DeviceNumber device, const DeviceInfo& info, std::string& out);

// Takes the entry off the front of `bytes`, which its views point into. DATA_LOSS when there is
// none.
Result<Entry> TakeEntry(std::string_view& bytes);

// The same bytes alone, for a column of a table.
std::string EncodeInfo(const DeviceInfo& info);
std::optional<DeviceInfo> DecodeInfo(std::string_view bytes);
std::string EncodeLabels(const Labels& labels);
std::optional<Labels> DecodeLabels(std::string_view bytes);

}  // namespace edgefeed
