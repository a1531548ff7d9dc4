// collector/rules: what the rules remember of a device, from a database.
#include "collector/rules/device_state_codec.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto device = edgefeed::DecodeSavedDevice(edgefeed::FuzzInput(data, size).rest());
  if (!device) return 0;
  const std::string bytes = edgefeed::EncodeSavedDevice(*device);
  const auto again = edgefeed::DecodeSavedDevice(bytes);
  edgefeed::Promise(again.has_value(), "what was written can be read");
  edgefeed::Promise(edgefeed::EncodeSavedDevice(*again) == bytes, "what was written comes back");
  return 0;
}
