// collector/history: entries of the frame log, and the columns of meta.db that look like them.
#include <variant>

#include "collector/history/frame.h"
#include "tests/fuzz/input.h"

namespace edgefeed {
namespace {

void Put(const Entry& entry, std::string& out) {
  if (const auto* frame = std::get_if<Frame>(&entry)) PutFrame(*frame, out);
  if (const auto* device = std::get_if<DeviceName>(&entry)) {
    PutDeviceName(device->number, device->name, out);
  }
  if (const auto* series = std::get_if<SeriesName>(&entry)) {
    PutSeriesName(series->number, series->series, out);
  }
  if (const auto* device = std::get_if<DeviceDescription>(&entry)) {
    PutDeviceDescription(device->device, device->info, out);
  }
}

// What was taken and put and taken again is put the same.
void TryEntries(std::string_view bytes) {
  while (const auto entry = TakeEntry(bytes)) {
    std::string once;
    Put(*entry, once);
    std::string_view rest = once;
    const auto again = TakeEntry(rest);
    Promise(again && rest.empty(), "an entry that was put is taken");
    std::string twice;
    Put(*again, twice);
    Promise(once == twice, "an entry comes back");
  }
}

void TryColumns(std::string_view bytes) {
  if (const auto info = DecodeInfo(bytes)) {
    Promise(DecodeInfo(EncodeInfo(*info)) == info, "a description comes back");
  }
  if (const auto labels = DecodeLabels(bytes)) {
    Promise(DecodeLabels(EncodeLabels(*labels)) == labels, "labels come back");
  }
}

}  // namespace
}  // namespace edgefeed

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = edgefeed::FuzzInput(data, size).rest();
  edgefeed::TryEntries(bytes);
  edgefeed::TryColumns(bytes);
  return 0;
}
