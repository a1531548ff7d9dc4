#include "ctl/render/history_text.h"

#include <doctest/doctest.h>

#include <sstream>

#include "tests/unit/ctl/past_values.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

std::string Lines(const std::vector<PastSeries>& past, std::chrono::milliseconds step) {
  std::ostringstream out;
  PrintHistoryLines(past, step, out);
  return out.str();
}

TEST_CASE("lines have a time and a value, and an empty line for a gap") {
  const PastSeries cpu{.series = {"cpu_usage", {}}, .values = SamplesOf({1, 0.1, -1, 1e100})};
  CHECK(Lines({cpu}, 1s) ==
        "2023-11-14T22:13:20.000Z 1\n"
        "2023-11-14T22:13:21.000Z 0.1\n"
        "\n"
        "2023-11-14T22:13:23.000Z 1e+100\n");
  CHECK(Lines({}, 1s) == "");
}

TEST_CASE("several series stand under their names, apart") {
  const PastSeries a{.series = {"disk", {{"device", "a"}}}, .values = SamplesOf({1})};
  const PastSeries b{.series = {"disk", {{"device", "\x1b[31mb"}}}, .values = SamplesOf({2})};
  CHECK(Lines({a, b}, 0ms) ==
        "# disk{device=\"a\"}\n"
        "2023-11-14T22:13:20.000Z 1\n"
        "\n\n"
        "# disk{device=\"b\"}\n"
        "2023-11-14T22:13:20.000Z 2\n");
}

TEST_CASE("comma-separated values have a header and all that is known of a step") {
  PastSeries disk{.series = {"disk", {{"device", "a"}}}, .values = {}};
  disk.values.push_back({.time = kPastStart, .min = 1, .max = 4, .sum = 10, .count = 4, .last = 3});
  std::ostringstream out;
  PrintHistoryCsv({disk}, out);
  CHECK(out.str() ==
        "time,series,value,min,max,sum,count,last\r\n"
        "2023-11-14T22:13:20.000Z,\"disk{device=\"\"a\"\"}\",2.5,1,4,10,4,3\r\n");
}

}  // namespace
}  // namespace edgefeed
