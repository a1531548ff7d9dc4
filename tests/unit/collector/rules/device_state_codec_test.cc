#include "collector/rules/device_state_codec.h"

#include <doctest/doctest.h>

#include <string>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

SavedDevice Example() {
  const WallTime time = FromUnixMillis(1'700'000'000'000);
  SavedDevice device;
  device.timeline = {.last = time, .ahead = 5s, .interval = 1s};
  RuleState firing;
  firing.levels[0] = {.on = true, .since = time - 1min};
  firing.levels[1] = {.on = false, .since = time};
  firing.last_alert = time;
  device.instances.push_back({.rule = "DISK",
                              .condition_id = ~std::uint64_t{0},
                              .series = {.metric = "disk_free_ratio", .labels = {{"mount", "/"}}},
                              .state = firing,
                              .no_data = true});
  device.instances.push_back({.rule = "CPU", .series = {.metric = "cpu_usage", .labels = {}}});
  device.mailbox.last_number = 7;
  device.mailbox.letters.push_back({.alert = {.number = 7,
                                              .rule = "DISK",
                                              .message = "full",
                                              .value = -0.125,
                                              .time = time,
                                              .severity = Severity::kCritical,
                                              .resolved = true},
                                    .subject = "DISK /",
                                    .written = time + 1s,
                                    .sent = true});
  device.mailbox.told = {"DISK /", "CPU"};
  return device;
}

TEST_CASE("what is saved is read back") {
  CHECK(*DecodeSavedDevice(EncodeSavedDevice(Example())) == Example());
  CHECK(*DecodeSavedDevice(EncodeSavedDevice({})) == SavedDevice{});
}

TEST_CASE("bytes that are cut off anywhere, or left over, are an error") {
  const std::string bytes = EncodeSavedDevice(Example());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(DecodeSavedDevice(bytes.substr(0, size)));
  }
  CHECK_FALSE(DecodeSavedDevice(bytes + "x"));
}

TEST_CASE("whatever the bytes are, the program goes on") {
  const std::string bytes = EncodeSavedDevice(Example());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      const auto decoded = DecodeSavedDevice(damaged);
      if (decoded) CHECK(DecodeSavedDevice(EncodeSavedDevice(*decoded)));
    }
  }
}

TEST_CASE("another version says so") {
  std::string bytes = EncodeSavedDevice({});
  bytes[0] = 2;
  CHECK(DecodeSavedDevice(bytes).error().message == "rule states of version 2, known is 1");
}

}  // namespace
}  // namespace edgefeed
