#include "collector/remote/remote_labels.h"

#include <doctest/doctest.h>

namespace edgefeed {
namespace {

std::string Text(const Series& series, const Labels& more = {}) {
  return ToString({.metric = "", .labels = RemoteLabels("edge-07", series, more)});
}

TEST_CASE("a series gets its device's name, and keeps a label called device") {
  CHECK(Text({"network_receive_bytes_total", {{"device", "eth0"}}}) ==
        R"({__name__="network_receive_bytes_total",device="eth0",edgefeed_device="edge-07"})");
}

TEST_CASE("a label of the series gives way to those that all series get") {
  CHECK(Text({"m", {{"edgefeed_device", "x"}, {"site", "y"}}}, {{"site", "lab"}}) ==
        R"({__name__="m",edgefeed_device="edge-07",exported_edgefeed_device="x",)"
        R"(exported_site="y",site="lab"})");
}

TEST_CASE("names become what a store takes, and empty labels are none") {
  CHECK(Text({"app.requests/s", {{"my-label", "a"}, {"my.label", "b"}, {"9", "c"}, {"e", ""}}}) ==
        R"({_9="c",__name__="app_requests_s",edgefeed_device="edge-07",)"
        R"(exported_my_label="b",my_label="a"})");
}

}  // namespace
}  // namespace edgefeed
