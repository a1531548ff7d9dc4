#include "ctl/render/plot.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "ctl/render/dot_canvas.h"
#include "ctl/render/history_report.h"
#include "tests/unit/ctl/past_values.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a canvas puts its dots into characters") {
  DotCanvas braille(2, 1, Glyphs::kUnicode);
  braille.Set(0, 0);
  braille.Set(1, 3);
  CHECK(braille.Row(0) == "⢁ ");
  DotCanvas ascii(4, 2, Glyphs::kAscii);
  ascii.Set(0, 0);
  ascii.Set(1, 1);
  ascii.Set(2, 2);
  ascii.Set(2, 3);
  CHECK(ascii.Row(0) == "'.  ");
  CHECK(ascii.Row(1) == "  : ");
}

PlotFrame Frame(std::size_t columns, std::chrono::seconds length, Glyphs glyphs) {
  return {.columns = columns,
          .rows = 3,
          .glyphs = glyphs,
          .from = kPastStart,
          .to = kPastStart + length,
          .longest_distance = 1500ms};
}

TEST_CASE("a plot has its unit, its times, and a hole where samples are missing") {
  const auto samples =
      SamplesOf({0,   20,  40, 60, 80, 100, 100, 100, 100, 100, -1, -1, -1, -1, -1,
                 100, 100, 50, 50, 0,  0,   0,   0,   0,   0,   0,  0,  0,  0,  0});
  CHECK(RenderLines(Plot("cpu_usage", samples, Frame(39, 30s, Glyphs::kAscii)), Colour::kNone) ==
        "100.0 % +    .'''''     ''.            \n"
        " 50.0 % +  .'             :.           \n"
        "  0.0 % +.'                 :..........\n"
        "        +------------------------------\n"
        "         22:13:20              22:13:50\n");
}

TEST_CASE("a plot in braille has twice the width and four times the height in dots") {
  const auto samples =
      SamplesOf({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 11, 11, 11, 11, 11, 11, 11, 11});
  const auto lines = Plot("load", samples, Frame(14, 20s, Glyphs::kUnicode));
  CHECK(RenderLines(lines, Colour::kNone).starts_with(" 11 ┤"));
  REQUIRE(lines.size() == 5);
  CHECK(lines[0][1].text == "    ⡠⠊⠉⠉⠉⠉");
  CHECK(lines[2][1].text == "⡠⠊        ");
}

TEST_CASE("a counter that has grown by little is labelled with all its digits") {
  const auto samples = SamplesOf({4'500'000'000, 4'500'000'100});
  const auto lines = Plot("disk_read_bytes_total", samples, Frame(60, 2s, Glyphs::kAscii));
  CHECK(lines[0][0].text == "4,500,000,100 +");
  CHECK(lines[2][0].text == "4,500,000,000 +");
}

TEST_CASE("a plot copes with one value, none, and none that is a number") {
  for (const auto& values : {SamplesOf({5}), SamplesOf({0}), SamplesOf({}),
                             std::vector<PastValue>{SampleAt(0s, NAN), SampleAt(1s, INFINITY)}}) {
    for (const std::size_t columns : {0, 1, 30}) {
      CHECK(Plot("load", values, Frame(columns, 0s, Glyphs::kUnicode)).size() == 5);
    }
  }
}

PastQuery Query() {
  return {.device = "cam", .metric = "disk", .from = kPastStart, .to = kPastStart + 1h};
}

PastSeries Disk(const std::string& device, const std::vector<double>& values) {
  return {.series = {"disk", {{"device", device}}}, .values = SamplesOf(values)};
}

TEST_CASE("a report has the numbers beneath each plot") {
  const auto lines =
      HistoryReport(Query(), {Disk("sda", {1, 2, -1, -1, -1, 9, 4})}, {}, Glyphs::kAscii);
  REQUIRE(lines.size() > 2);
  CHECK(RenderLine(lines.front(), Colour::kNone) ==
        "cam  disk{device=\"sda\"}  2023-11-14 22:13:20 to 23:13:20 UTC");
  CHECK(RenderLine(lines.back(), Colour::kNone) ==
        "min 1  max 9  mean 4  last 4  4 samples, 1 gap");
}

TEST_CASE("from the fifth series on a report has one line each") {
  std::vector<PastSeries> past;
  for (const char* device : {"a", "b", "c", "d", "e", "f"}) past.push_back(Disk(device, {1, 2}));
  const auto lines = HistoryReport(Query(), past, {}, Glyphs::kAscii);
  CHECK(RenderLines({lines.end() - 4, lines.end()}, Colour::kNone) ==
        "\n"
        "SERIES            MIN  MAX  MEAN  LAST\n"
        "disk{device=\"e\"}    1    2   1.5     2\n"
        "disk{device=\"f\"}    1    2   1.5     2\n");
  CHECK(std::ranges::count_if(lines, [](const Line& line) {
          return RenderLine(line, Colour::kNone).starts_with("cam  disk");
        }) == 4);
}

TEST_CASE("a report is as wide as the screen, if that is not too narrow to draw") {
  const auto series = Disk("sda", {100'000, 2});
  for (const std::size_t columns : {40, 80, 200}) {
    const auto lines =
        HistoryReport(Query(), {series}, {.columns = columns, .rows = 24}, Glyphs::kUnicode);
    std::size_t widest = 0;
    for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
      widest = std::max(widest, TextWidth(RenderLine(lines[i], Colour::kNone)));
    }
    CHECK(widest == columns);
  }
}

}  // namespace
}  // namespace edgefeed
