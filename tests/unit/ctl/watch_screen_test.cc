#include "ctl/render/watch_screen.h"

#include <doctest/doctest.h>

namespace edgefeed {
namespace {

const WallTime kNow = FromUnixMillis(1'700'000'000'000);

DeviceSample SampleOf(const std::string& name, double cpu_usage_percent) {
  return {.name = name,
          .time = kNow - std::chrono::seconds(1),
          .cpu_usage_percent = cpu_usage_percent,
          .memory_used_mib = 512,
          .request_count = 3};
}

std::string Draw(const WatchScreen& screen, ScreenSize size) {
  return RenderLines(screen.Lines(size, kNow), Colour::kNone);
}

TEST_CASE("a screen shows a row for each device, sorted, with its recent CPU") {
  WatchScreen screen("watch", Glyphs::kUnicode);
  screen.Accept(SampleOf("b", 100));
  screen.Accept(SampleOf("a", 0));
  screen.Accept(SampleOf("a", 50));

  CHECK(Draw(screen, {}) ==
        "watch  2 devices  2023-11-14 22:13:20 UTC  (Ctrl-C ends)\n"
        "\n"
        "NAME      CPU            RECENT CPU     MEMORY  SAMPLED  PAYLOADS\n"
        "a      50.0 %                    ▁▅  512.0 MiB   1s ago         3\n"
        "b     100.0 %                     █  512.0 MiB   1s ago         3\n");
}

TEST_CASE("a screen that is too small counts what it hides") {
  WatchScreen screen("watch", Glyphs::kAscii);
  for (const char* name : {"a", "b", "c", "d"}) screen.Accept(SampleOf(name, 1));

  CHECK(screen.Lines({.rows = 7}, kNow).size() == 7);
  CHECK(Draw(screen, {.rows = 7}).ends_with("         3\n"));
  const std::string small = Draw(screen, {.rows = 6});
  CHECK(small.find("\nb ") != std::string::npos);
  CHECK(small.find("\nc ") == std::string::npos);
  CHECK(small.ends_with("+2 more\n"));
  for (std::size_t rows = 1; rows < 8; ++rows) {
    CHECK(screen.Lines({.rows = rows}, kNow).size() == rows);
  }
}

TEST_CASE("a screen shows the note until it is cleared") {
  WatchScreen screen("watch", Glyphs::kAscii);
  screen.SetNote("connection lost");
  CHECK(Draw(screen, {}).find("\nconnection lost\n") != std::string::npos);
  CHECK(Draw(screen, {}).find("waiting for the first sample") != std::string::npos);
  screen.SetNote("");
  CHECK(Draw(screen, {}).find("connection lost") == std::string::npos);
}

TEST_CASE("readings stand under their device") {
  WatchScreen screen("watch", Glyphs::kAscii);
  DeviceSample sample = SampleOf("a", 1);
  sample.readings = {{{"memory_free_bytes", {}}, 1024}};
  screen.Accept(sample);

  CHECK(Draw(screen, {}).ends_with("  memory\n    memory_free_bytes    1.0 KiB\n"));
  CHECK(Draw(screen, {.rows = 4}).ends_with("+3 more lines\n"));
}

TEST_CASE("an update in a pipe is one line") {
  DeviceSample sample = SampleOf("a\nb", 1);
  sample.readings = {{{"disk_read_bytes", {{"device", "sda"}}}, 1024}};
  CHECK(RenderLine(WatchLine(sample), Colour::kNone) ==
        "2023-11-14 22:13:19 UTC  a b  cpu   1.0 %  memory  512.0 MiB  "
        "disk_read_bytes{device=\"sda\"}=1.0 KiB");
}

}  // namespace
}  // namespace edgefeed
