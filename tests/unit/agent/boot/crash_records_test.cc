#include "agent/boot/crash_records.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "agent/boot/watchdog_status.h"
#include "tests/unit/agent/boot/boot_rig.h"

namespace edgefeed {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPanic =
    "Panic#1 Part1\n<0>[   71.235621] Kernel panic - not syncing: sysrq triggered crash\n";

struct RecordsFixture {
  [[nodiscard]] CrashRecords Read(const SeenRecords& seen = {}) const {
    return ReadCrashRecords({tree.path() / "pstore", tree.path() / "moved"}, seen);
  }
  TestTree tree;
};

TEST_CASE_FIXTURE(RecordsFixture, "no pstore, or an empty one, has no records") {
  CHECK(Read().all.empty());
  fs::create_directories(tree.path() / "pstore");
  CHECK_FALSE(Read().death);
}

TEST_CASE_FIXTURE(RecordsFixture, "a record is found in pstore, and where systemd moves it") {
  for (const char* file : {"pstore/dmesg-ramoops-0", "moved/dmesg-ramoops-0",
                           "moved/1764064804/dmesg.txt", "pstore/console-ramoops-0"}) {
    CAPTURE(file);
    tree.Write(file, kPanic);
    const CrashRecords records = Read();
    REQUIRE(records.death);
    CHECK(records.death->line == "Kernel panic - not syncing: sysrq triggered crash");
    fs::remove(tree.path() / file);
  }
}

TEST_CASE_FIXTURE(RecordsFixture,
                  "a record that was seen at an earlier boot is no news, moved or not") {
  tree.Write("pstore/dmesg-ramoops-0", kPanic);
  const SeenRecords seen = Read().all;
  CHECK(seen.size() == 1);
  CHECK_FALSE(Read(seen).death);
  fs::create_directories(tree.path() / "moved");
  fs::rename(tree.path() / "pstore/dmesg-ramoops-0", tree.path() / "moved/dmesg-ramoops-0");
  CHECK_FALSE(Read(seen).death);

  tree.Write("pstore/dmesg-ramoops-1",
             "Panic#2 Part1\n<0>[ 5.0] Kernel panic - not syncing: VFS\n");
  REQUIRE(Read(seen).death);
  CHECK(Read(seen).death->line == "Kernel panic - not syncing: VFS");
}

TEST_CASE_FIXTURE(RecordsFixture, "of several parts the one with the panic's line tells") {
  tree.Write("pstore/dmesg-efi-1", "Oops#1 Part1\n<1>[ 8.0] Oops: 0002 [#1]\n");
  tree.Write("pstore/dmesg-efi-2", "Panic#2 Part2\n<6>[ 9.0] earlier\n");
  tree.Write("pstore/dmesg-efi-3", kPanic);
  tree.Write("pstore/dmesg-efi-4", "Panic#2 Part3\n<6>[ 7.0] still earlier\n");
  REQUIRE(Read().death);
  CHECK(Read().death->line == "Kernel panic - not syncing: sysrq triggered crash");
}

TEST_CASE_FIXTURE(RecordsFixture, "thousands of old records are not all read") {
  for (int i = 0; i < 200; ++i) {
    tree.Write("pstore/dmesg-erst-" + std::to_string(i), "Panic#1 Part" + std::to_string(i));
  }
  tree.Write("pstore/dmesg-large", std::string(2 << 20, 'x'));
  tree.Write("pstore/other", kPanic);
  tree.Write("pstore/a/b/dmesg-too-deep", kPanic);
  CHECK(Read().all.size() <= 64);
}

TEST_CASE("a watchdog says what it knows of the last reset") {
  CHECK(ReasonOfBootStatus(0) == BootReason::kUnknown);
  CHECK(ReasonOfBootStatus(0x20) == BootReason::kWatchdog);
  CHECK(ReasonOfBootStatus(0x21) == BootReason::kOverheat);
  CHECK(ReasonOfBootStatus(0x10) == BootReason::kUnderVoltage);
  CHECK(ReasonOfBootStatus(0x40) == BootReason::kUnknown);
  const TestTree tree;
  CHECK(ReadWatchdogStatus(tree.path()).reason == BootReason::kUnknown);
  tree.Write("class/watchdog/watchdog0/bootstatus", "0\n");
  tree.Write("class/watchdog/watchdog1/bootstatus", "32\n");
  tree.Write("class/watchdog/watchdog1/identity", "imx2+ watchdog\n");
  const WatchdogStatus status = ReadWatchdogStatus(tree.path());
  CHECK(status.reason == BootReason::kWatchdog);
  CHECK(status.detail == "watchdog1 (imx2+ watchdog)");
}

}  // namespace
}  // namespace edgefeed
