#include "collector/history/frame.h"

#include <doctest/doctest.h>

#include <random>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

Frame SomeFrame() {
  return {.device = 300,
          .position = {.stream = 0xFEDCBA9876543210, .sequence = 77},
          .received = FromUnixMillis(1'700'000'000'123),
          .time = FromUnixMillis(1'700'000'000'000),
          .columns = "columns"};
}

std::string SomeEntries() {
  std::string bytes;
  PutDeviceName(300, "edge-07", bytes);
  PutSeriesName(9, {"disk", {{"device", "sda"}}}, bytes);
  PutDeviceDescription(300, {.boot_id = "boot", .machine = "armv7l", .labels = {{"site", "x"}}},
                       bytes);
  PutDeviceDescription(301, {.boot_id = "b", .boot = BootInfo{.detail = "power"}}, bytes);
  PutFrame(SomeFrame(), bytes);
  return bytes;
}

TEST_CASE("entries come back as they were put") {
  const std::string bytes = SomeEntries();
  std::string_view rest = bytes;

  const auto device = std::get<DeviceName>(*TakeEntry(rest));
  CHECK(device.number == 300);
  CHECK(device.name == "edge-07");
  const auto series = std::get<SeriesName>(*TakeEntry(rest));
  CHECK(series.number == 9);
  CHECK(series.series == Series{"disk", {{"device", "sda"}}});
  const auto description = std::get<DeviceDescription>(*TakeEntry(rest));
  CHECK(description.device == 300);
  CHECK(description.info.boot_id == "boot");
  CHECK(description.info.machine == "armv7l");
  CHECK(description.info.labels == Labels{{"site", "x"}});
  CHECK(std::get<DeviceDescription>(*TakeEntry(rest)).info.boot->detail == "power");
  const auto frame = std::get<Frame>(*TakeEntry(rest));
  CHECK(frame.device == 300);
  CHECK(frame.position == SomeFrame().position);
  CHECK(frame.received == SomeFrame().received);
  CHECK(frame.time == SomeFrame().time);
  CHECK(frame.columns == "columns");
  CHECK(rest.empty());
  CHECK_FALSE(TakeEntry(rest));
}

TEST_CASE("the bytes are those of the example in FORMAT.md") {
  std::string bytes;
  PutDeviceName(4, "edge-07", bytes);
  CHECK(bytes ==
        "\x03\x04\x07"
        "edge-07");
}

TEST_CASE("a frame of an original client has no position, and may be of any time") {
  Frame frame = SomeFrame();
  frame.position = {};
  for (const auto time : {frame.received + 100h, WallTime(0ms), WallTime(-5ms)}) {
    frame.time = time;
    std::string bytes;
    PutFrame(frame, bytes);
    std::string_view rest = bytes;
    const auto back = std::get<Frame>(*TakeEntry(rest));
    CHECK(back.position == StreamPosition{});
    CHECK(back.time == time);
    CHECK(back.received == frame.received);
  }
}

DeviceInfo BootedInfo() {
  return {.boot_id = "boot",
          .labels = {{"site", "x"}},
          .boot = BootInfo{.reason = BootReason::kKernelPanic,
                           .detail = "Kernel panic - not syncing: x",
                           .offline = 192s,
                           .started = FromUnixMillis(1'700'000'000'000)}};
}

TEST_CASE("a description with a boot comes back, whatever is known of it") {
  DeviceInfo info = BootedInfo();
  for (int known = 2; known >= 0; --known) {
    if (known < 2) info.boot->started.reset();
    if (known < 1) info.boot->offline.reset();
    std::string bytes;
    PutDeviceDescription(300, info, bytes);
    std::string_view rest = bytes;
    CHECK(std::get<DeviceDescription>(*TakeEntry(rest)).info == info);
    CHECK(DecodeInfo(EncodeInfo(info)) == info);
  }
}

TEST_CASE("a reason of a newer program is an unknown one") {
  std::string bytes = EncodeInfo(BootedInfo());
  bytes[EncodeInfo({.boot_id = "boot", .labels = {{"site", "x"}}}).size()] = 99;
  REQUIRE(DecodeInfo(bytes));
  CHECK(DecodeInfo(bytes)->boot->reason == BootReason::kUnknown);
}

TEST_CASE("entries that are cut off are an error, wherever the cut is") {
  std::string bytes;
  PutDeviceDescription(300, BootedInfo(), bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    std::string_view rest = std::string_view(bytes).substr(0, size);
    CHECK_FALSE(TakeEntry(rest));
  }
}

TEST_CASE("any bytes are entries or an error, and reading them ends") {
  std::mt19937 random(4);
  const std::string good = SomeEntries();
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = good;
    bytes[random() % bytes.size()] = static_cast<char>(random());
    std::string_view rest = bytes;
    std::size_t entries = 0;
    while (!rest.empty() && TakeEntry(rest)) ++entries;
    CHECK(entries <= bytes.size());
  }
}

TEST_CASE("labels and descriptions stand alone in a table, and nothing else does") {
  const Labels labels{{"a", "1"}, {"b", ""}};
  CHECK(DecodeLabels(EncodeLabels(labels)) == labels);
  CHECK_FALSE(DecodeLabels(EncodeLabels(labels) + "x"));
  const DeviceInfo info{.run_id = "run", .agent_version = "0.1.0", .labels = labels};
  CHECK(DecodeInfo(EncodeInfo(info)) == info);
  CHECK_FALSE(DecodeInfo(""));
}

}  // namespace
}  // namespace edgefeed
