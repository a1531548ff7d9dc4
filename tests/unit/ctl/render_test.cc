#include <doctest/doctest.h>

#include <vector>

#include "ctl/render/device_table.h"
#include "ctl/render/progress.h"
#include "ctl/render/snapshot_report.h"
#include "ctl/render/sparkline.h"
#include "ctl/render/table.h"

namespace edgefeed {
namespace {

const WallTime kNow = FromUnixMillis(1'700'000'000'000);

TEST_CASE("a table aligns its columns and leaves no blanks at the end") {
  Table table({{"NAME"}, {"CPU", Align::kRight}, {"NOTE"}});
  table.Add({{"a"}, {"100 %"}, {"x"}});
  table.Add({{"zürich"}, {"7 %"}, {"longer"}});

  CHECK(RenderLines(table.Lines(), Colour::kNone) ==
        "NAME      CPU  NOTE\n"
        "a       100 %  x\n"
        "zürich    7 %  longer\n");
}

TEST_CASE("a line is cut off by columns, not bytes, and colour does not count") {
  const Line line = {{"zür", Style::kBad}, {"ich"}};
  CHECK(RenderLine(line, Colour::kNone, 2) == "zü");
  CHECK(RenderLine(line, Colour::kNone, 4) == "züri");
  CHECK(RenderLine(line, Colour::kAnsi) == "\x1b[1;31mzür\x1b[0mich");
  CHECK(RenderLine(line, Colour::kAnsi, 4) == "\x1b[1;31mzür\x1b[0mi");
}

TEST_CASE("sparklines") {
  const std::vector<double> values = {-5, 0, 50, 99.9, 100, 250};
  CHECK(Sparkline(values, Glyphs::kUnicode) == "▁▁▅███");
  CHECK(Sparkline(values, Glyphs::kAscii) == "__=###");
}

TEST_CASE("the table of devices") {
  const std::vector<DeviceEntry> devices = {
      {.name = "cam-01",
       .connected = true,
       .address = "10.0.0.7:41234",
       .last_seen = kNow - std::chrono::seconds(4),
       .firing = {"CPU_HIGH", "TEMP"},
       .has_sample = true,
       .cpu_usage_percent = 95.26,
       .memory_used_mib = 2048},
      {.name = "evil\x1b[2J", .last_seen = kNow - std::chrono::hours(3)}};

  CHECK(RenderLines(DeviceTable(devices, kNow), Colour::kNone) ==
        "NAME    STATE    ADDRESS            CPU   MEMORY  LAST SEEN  FIRING\n"
        "cam-01  online   10.0.0.7:41234  95.3 %  2.0 GiB     4s ago  CPU_HIGH,TEMP\n"
        "evil    offline  -                    -        -     3h ago  -\n");
  CHECK(RenderLines(DeviceTable({}, kNow), Colour::kNone) == "no devices yet\n");
}

TEST_CASE("the report of a device") {
  DeviceSample sample{.name = "cam-01",
                      .time = kNow - std::chrono::seconds(2),
                      .cpu_usage_percent = 12.5,
                      .memory_used_mib = 812,
                      .request_count = 1234};
  sample.info = DeviceInfo{.agent_version = "0.1.0",
                           .machine = "aarch64",
                           .operating_system = "Debian\x07 12",
                           .labels = {{"site", "lab"}},
                           .boot = BootInfo{.reason = BootReason::kKernelPanic,
                                            .detail = "Kernel panic\x07",
                                            .offline = std::chrono::seconds(192),
                                            .started = kNow - std::chrono::hours(3)}};
  sample.readings = {{{"memory_free_bytes", {}}, 1024},
                     {{"disk_read_bytes_total", {{"device", "sdb"}}}, 2048},
                     {{"disk_read_bytes_total", {{"device", "sda"}}}, 1048576}};

  CHECK(RenderLines(SnapshotReport(sample, kNow), Colour::kNone) ==
        "cam-01\n"
        "  cpu       12.5 %\n"
        "  memory    812.0 MiB\n"
        "  sampled   2023-11-14 22:13:18 UTC (2s ago)\n"
        "  payloads  1,234\n"
        "  system    Debian 12, aarch64\n"
        "  agent     0.1.0\n"
        "  labels    site=lab\n"
        "  booted    2023-11-14 19:13:20 UTC (3h ago), kernel panic: Kernel panic, off for 3m12s\n"
        "\n"
        "disk\n"
        "  disk_read_bytes_total  device=sda  1.0 MiB\n"
        "  disk_read_bytes_total  device=sdb  2.0 KiB\n"
        "memory\n"
        "  memory_free_bytes                  1.0 KiB\n");
}

TEST_CASE("the progress of an upload") {
  Progress progress{
      .sent_bytes = 5 << 20, .total_bytes = 20 << 20, .elapsed = std::chrono::seconds(2)};
  CHECK(ProgressLine("core", progress, 100) ==
        "core  [#####               ] 25 %  5.0 MiB of 20.0 MiB  2.5 MiB/s  6 s left");
  CHECK(ProgressLine("core", progress, 10) == "core  [###");
  progress.start_bytes = 3 << 20;
  CHECK(ProgressLine("core", progress, 100) ==
        "core  [#####               ] 25 %  5.0 MiB of 20.0 MiB (resumed at 3.0 MiB)  1.0 MiB/s  "
        "15 s left");
  progress.start_bytes = 0;
  progress.total_bytes.reset();
  CHECK(ProgressLine("core", progress, 100) == "core  5.0 MiB  2.5 MiB/s");
  CHECK(ProgressLine("core", {.total_bytes = 100}, 100) ==
        "core  [                    ] 0 %  0 B of 100 B");
  CHECK(ProgressLine("core", {.total_bytes = 0}, 100) ==
        "core  [####################] 100 %  0 B of 0 B");
}

}  // namespace
}  // namespace edgefeed
