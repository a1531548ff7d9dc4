#include "agent/statsd/names.h"

#include <doctest/doctest.h>

namespace edgefeed {
namespace {

TEST_CASE("a name is spelt as rules want it") {
  CHECK(PlainName("sensord.Frames-Left/2") == "sensord_frames_left_2");
  CHECK(PlainName("3d.printer") == "_3d_printer");
  CHECK(PlainName("k\xc3\xbc") == "k__");
  CHECK(PlainName("").empty());
}

TEST_CASE("an application is what stands before the first dot, or the name") {
  CHECK(ApplicationOf("Sensor-D.frames:1|c") == "sensor_d");
  CHECK(ApplicationOf("hits:1|c|#a.b") == "hits");
  CHECK(ApplicationOf("nonsense").size() == 8);
  CHECK(ApplicationOf(".x:1|c").empty());
  CHECK(ApplicationOf("").empty());
  CHECK(ApplicationOf(std::string(100, '7') + ".x").size() == kMostApplicationNameBytes);
}

TEST_CASE("tags become labels, sorted, with a value that every terminal shows") {
  CHECK(LabelsOf("") == Labels{});
  CHECK(LabelsOf("zone:b,Room:left,raw") ==
        Labels{{"raw", "true"}, {"room", "left"}, {"zone", "b"}});
  CHECK(LabelsOf("url:http://x:1/,empty:") == Labels{{"empty", ""}, {"url", "http://x:1/"}});
  CHECK(LabelsOf("a:k\xc3\xbc\x1b") == Labels{{"a", "k???"}});
}

TEST_CASE("too many tags, too long ones, and a name twice are refused") {
  std::string tags = "a0";
  for (std::size_t i = 1; i < kMostTags; ++i) tags += ",a" + std::to_string(i);
  CHECK(LabelsOf(tags)->size() == kMostTags);
  CHECK_FALSE(LabelsOf(tags + ",b"));
  CHECK_FALSE(LabelsOf("a.b:1,a_b:2"));
  CHECK_FALSE(LabelsOf("a,,b"));
  CHECK_FALSE(LabelsOf(":x"));
  CHECK(LabelsOf("a:" + std::string(kMostTagValueBytes, 'v')));
  CHECK_FALSE(LabelsOf("a:" + std::string(kMostTagValueBytes + 1, 'v')));
  CHECK_FALSE(LabelsOf(std::string(kMostNameBytes, 'n') + ":x"));
}

}  // namespace
}  // namespace edgefeed
