#include "common/wire/dump_info.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

namespace edgefeed {
namespace {

DumpInfo Everything() {
  DumpInfo info;
  info.executable = "/usr/bin/sensord";
  info.command = "sensord";
  info.pid = 1;
  info.thread = 2;
  info.uid = 3;
  info.signal = 11;
  info.signal_code = -6;
  info.fault_address = 0;  // Known to be 0 is not unknown.
  info.crashed_at = FromUnixMillis(1'700'000'000'123);
  info.clock = ClockTrust::kCollector;
  info.boot_id = "boot";
  info.device.kernel_release = "6.1";
  info.package = "sensord 1.2";
  info.unit = "sensord.service";
  info.content = DumpContent::kStacks;
  info.source = DumpSource::kCapture;
  info.missing = "rate_limited";
  info.truncated = true;
  info.original_bytes = 1U << 31U;
  info.compression = "zstd";
  info.occurrences = 994;
  info.last_at = FromUnixMillis(1'700'000'001'000);
  info.modules = {{.path = "/lib/a", .build_id = "ab", .start = 1, .end = 2}};
  info.threads = {{.id = 2,
                   .frames = {{"/lib/a", "ab", 7, "f", "a.c:1"}},
                   .registers = {{"pc", ~std::uint64_t{0}}}}};
  info.log_tail = "any \xff bytes\n";
  info.metrics = {.times = {FromUnixMillis(5), FromUnixMillis(6)},
                  .metrics = {{.series = {"load1", {{"a", "b"}}}, .values = {1.5, std::nan("")}}}};
  return info;
}

TEST_CASE("everything that is known of a dump comes back from its bytes") {
  const std::string bytes = EncodeDumpInfo(Everything());
  const auto info = DecodeDumpInfo(bytes);
  REQUIRE(info);
  CHECK(EncodeDumpInfo(*info) == bytes);
  CHECK(info->signal_code == -6);
  CHECK(info->fault_address == 0);
  CHECK(info->crashed_at == FromUnixMillis(1'700'000'000'123));
  CHECK(info->clock == ClockTrust::kCollector);
  CHECK(info->content == DumpContent::kStacks);
  CHECK(info->source == DumpSource::kCapture);
  CHECK(info->occurrences == 994);
  CHECK(info->modules == Everything().modules);
  CHECK(info->threads == Everything().threads);
  CHECK(info->log_tail == "any \xff bytes\n");
  REQUIRE(info->metrics.metrics.size() == 1);
  CHECK(info->metrics.metrics[0].series == Series{"load1", {{"a", "b"}}});
  CHECK(std::isnan(info->metrics.metrics[0].values[1]));
}

TEST_CASE("names that are no UTF-8 are made such, for a message that holds others cannot be read") {
  DumpInfo info;
  info.command = "ok \xc3\xa9 \xff \xed\xa0\x80 \xf0\x80\x80\x80 end";
  const auto back = DecodeDumpInfo(EncodeDumpInfo(info));
  REQUIRE(back);
  CHECK(back->command == "ok \xc3\xa9 ? ??? ???? end");
}

TEST_CASE("what comes from elsewhere is cut to its bounds") {
  DumpInfo info;
  info.executable = std::string(5000, 'x');
  info.log_tail = std::string(100'000, 'y');
  info.modules.resize(5000);
  info.threads.resize(1000);
  info.threads[0].frames.resize(1000);
  info.metrics.times.resize(100);
  info.metrics.metrics = {{.series = {"a", {}}, .values = std::vector<double>(100)},
                          {.series = {"b", {}}, .values = {1}}};
  const auto back = DecodeDumpInfo(EncodeDumpInfo(info));
  REQUIRE(back);
  CHECK(back->executable.size() == 1024);
  CHECK(back->log_tail.size() == 65'536);
  CHECK(back->modules.size() == 1024);
  CHECK(back->threads.size() == 256);
  CHECK(back->threads[0].frames.size() == 64);
  CHECK(back->metrics.times.size() == 60);
  REQUIRE(back->metrics.metrics.size() == 1);  // Of "b" nobody could say which value is whose.
  CHECK(back->metrics.metrics[0].values.size() == 60);
}

TEST_CASE("no bytes of a description are an error, and a crash counts at least once") {
  CHECK_FALSE(DecodeDumpInfo("\xff\xff\xff"));
  DumpInfo none;
  none.occurrences = 0;
  CHECK(DecodeDumpInfo(EncodeDumpInfo(none))->occurrences == 1);
}

}  // namespace
}  // namespace edgefeed
