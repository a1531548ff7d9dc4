#include "agent/boot/boot_history.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "common/base/file.h"
#include "tests/unit/agent/boot/boot_rig.h"

namespace edgefeed {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr const char* kPanic =
    "Panic#1 Part1\n<0>[  665.000000] Kernel panic - not syncing: sysrq triggered crash\n";

std::uint64_t CountOf(const BootHistory& history, BootReason reason) {
  return history.counts().at(static_cast<std::size_t>(reason));
}

bool Holds(const std::vector<std::string>& lines, const std::string& text) {
  return std::ranges::any_of(
      lines, [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

TEST_CASE_FIXTURE(BootRig, "an agent's first start on a device knows of no boot before") {
  const BootHistory& history = StartAgent();
  CHECK(history.boot().reason == BootReason::kUnknown);
  CHECK(history.boot().started == FromUnixMillis(1'700'000'000'000 - 1000));
  CHECK_FALSE(history.boot().offline);
  CHECK(CountOf(history, BootReason::kUnknown) == 1);
  CHECK(Holds(log.Take(), "info this boot: reason not known: the agent's first start here"));
}

TEST_CASE_FIXTURE(BootRig, "a shutdown that was noted is a clean one, and tells how long it was") {
  StartAgent();
  Pass(10min);
  StopAgent();
  Pass(1min);  // Other services take their time.
  NoteShutdown();
  log.Take();
  const BootHistory& history = Reboot(187s);
  CHECK(history.boot().reason == BootReason::kClean);
  CHECK(history.boot().offline == 187s - 1s);  // The clock of a boot begins at 1 s here.
  CHECK(CountOf(history, BootReason::kClean) == 1);
  CHECK(Holds(log.Take(), "info rebooted: clean shutdown, off for 3m6s"));
}

TEST_CASE_FIXTURE(BootRig, "an agent that was stopped before the power was cut is no shutdown") {
  StartAgent();
  NoteShutdown();
  Reboot(1min);
  Pass(1min);
  StopAgent();
  Pass(1h);
  const BootHistory& history = Reboot(2min);
  CHECK(history.boot().reason == BootReason::kUnclean);
  CHECK(history.boot().offline == 1h + 2min - 1s);  // Since its last sign of life.
  CHECK(CountOf(history, BootReason::kClean) == 1);
  CHECK(CountOf(history, BootReason::kUnclean) == 1);
  CHECK(Holds(log.Take(), "warning rebooted: power cut or reset, off for up to 1h1m"));
}

TEST_CASE_FIXTURE(BootRig, "where nobody notes shutdowns a power cut cannot be told from one") {
  StartAgent();
  Pass(1min);
  CHECK(Reboot(1min).boot().reason == BootReason::kUnknown);
  CHECK(files().ExpectShutdownNotes());
  CHECK(Reboot(1min).boot().reason == BootReason::kUnclean);
}

TEST_CASE_FIXTURE(BootRig, "a shutdown is clean also when no agent ran, and counts once") {
  StartAgent();
  StopAgent();
  NoteShutdown();
  CHECK(Reboot(1min).boot().reason == BootReason::kClean);
  CHECK(Reboot(1min).boot().reason == BootReason::kUnclean);  // The note is still there.
}

TEST_CASE_FIXTURE(BootRig, "a shutdown that did not come about is no shutdown") {
  StartAgent();
  StopAgent();
  NoteShutdown();
  StartAgent();  // In the same boot.
  Pass(1min);
  CHECK(Reboot(1min).boot().reason == BootReason::kUnclean);
}

TEST_CASE_FIXTURE(BootRig,
                  "an agent that starts again in the same boot knows what the first knew") {
  StartAgent();
  NoteShutdown();
  const BootInfo first = Reboot(1min).boot();
  log.Take();
  Pass(1min);
  const BootHistory& again = StartAgent();
  CHECK(again.boot() == first);
  CHECK(CountOf(again, BootReason::kClean) == 1);
  CHECK_FALSE(Holds(log.Take(), "rebooted"));
}

TEST_CASE_FIXTURE(BootRig, "a panic is a panic, also on the way down, and dates the end") {
  StartAgent();
  Pass(11min);
  NoteShutdown();
  tree.Write("sys/fs/pstore/dmesg-ramoops-0", kPanic);
  const BootHistory& history = Reboot(1min);
  CHECK(history.boot().reason == BootReason::kKernelPanic);
  CHECK(history.boot().detail == "Kernel panic - not syncing: sysrq triggered crash");
  CHECK(history.boot().offline == 1min - 1s - 4s);  // It died 4 s after the note.
  // The record stays where it is, and is no news at the next boot.
  NoteShutdown();
  CHECK(Reboot(1min).boot().reason == BootReason::kClean);
}

TEST_CASE_FIXTURE(BootRig, "an oops that was survived is no reason for a boot") {
  StartAgent();
  tree.Write("moved/dmesg-ramoops-0", "Oops#1 Part1\n<1>[ 8.0] Oops: 0002 [#1]\n");
  NoteShutdown();
  CHECK(Reboot(1min).boot().reason == BootReason::kClean);
  tree.Write("moved/dmesg-ramoops-1", "Oops#2 Part1\n<1>[ 9.0] Oops: 0002 [#1]\n");
  const BootHistory& history = Reboot(1min);
  CHECK(history.boot().reason == BootReason::kKernelPanic);
  CHECK(history.boot().detail == "Oops: 0002 [#1]");
}

TEST_CASE_FIXTURE(BootRig,
                  "a hardware watchdog tells of itself, but for a machine that was shut down") {
  StartAgent();
  tree.Write("sys/class/watchdog/watchdog0/bootstatus", "32\n");
  CHECK(Reboot(1min).boot().reason == BootReason::kWatchdog);
  NoteShutdown();
  CHECK(Reboot(1min).boot().reason == BootReason::kClean);
}

TEST_CASE_FIXTURE(BootRig, "after a power cut the time off is at most five minutes too long") {
  StartAgent();
  CHECK(files().ExpectShutdownNotes());
  for (const auto uptime : {0s, 299s, 301s, 1000s, 7201s}) {
    Pass(uptime);
    const auto offline = Reboot(100s).boot().offline;
    REQUIRE(offline);
    CHECK(*offline >= 99s);
    CHECK(*offline <= 99s + 5min);
  }
}

TEST_CASE_FIXTURE(BootRig, "a boot in 1970 tells how long it was away when it knows the time") {
  StartAgent();
  Pass(1min);
  NoteShutdown();
  is_synchronized = false;
  const WallTime before = scheduler().WallNow();
  auto& history = Reboot(1h);
  CHECK_FALSE(history.boot().offline);  // Its clock may be right, but nobody says so.
  CHECK(history.boot().reason == BootReason::kClean);
  int changes = 0;
  history.OnChange([&] { ++changes; });
  log.Take();

  clock().Learn(before + 1h + 4s, 0ms);
  Pass(2s);

  CHECK(changes == 1);
  CHECK(history.boot().offline == 1h - 1s);
  CHECK(Holds(log.Take(), "rebooted: clean shutdown, off for 59m59s"));
}

TEST_CASE_FIXTURE(BootRig, "a boot whose clock was never vouched for does not date its end") {
  is_synchronized = false;
  StartAgent();
  Pass(20min);
  NoteShutdown();
  is_synchronized = true;
  const BootHistory& history = Reboot(1min);
  CHECK(history.boot().started);
  CHECK_FALSE(history.boot().offline);
}

TEST_CASE_FIXTURE(BootRig, "a clock that went back does not make a negative time") {
  StartAgent();
  NoteShutdown();
  scheduler().clock().StepWall(-1h);
  CHECK_FALSE(Reboot(1min).boot().offline);
}

TEST_CASE_FIXTURE(BootRig, "files that are damaged cost what they held, and are told of") {
  for (const char* name : {"record", "alive", "shutdown"}) {
    CAPTURE(name);
    StartAgent();
    NoteShutdown();
    REQUIRE(ReadSmallFile(directory() / name));
    for (const std::string text : {"", "nonsense", "edgefeed-boot 1\nboot x\ncrc 00000000\n"}) {
      std::ofstream(directory() / name, std::ios::trunc) << text;
      log.Take();
      Reboot(1min);
      CHECK(Holds(log.Take(), name));
      CHECK(ReadSmallFile(directory() / "record"));
    }
    NoteShutdown();
    CHECK(Reboot(1min).boot().reason == BootReason::kClean);
  }
}

TEST_CASE_FIXTURE(BootRig, "a record that is lost within a boot does not count the boot again") {
  StartAgent();
  NoteShutdown();
  const auto counts = Reboot(1min).counts();
  fs::remove(directory() / "record");
  const BootHistory& history = StartAgent();
  CHECK(history.boot().reason == BootReason::kUnknown);
  CHECK(counts != history.counts());
  CHECK(history.counts() == BootCounts{});
}

TEST_CASE_FIXTURE(BootRig, "without a disk the boot is told all the same") {
  fs::create_directories(directory().parent_path().parent_path());
  std::ofstream(directory().parent_path()) << "a file where the directory should be";
  tree.Write("sys/class/watchdog/watchdog0/bootstatus", "32\n");
  const BootHistory& history = StartAgent();
  CHECK(history.boot().reason == BootReason::kUnknown);
  CHECK(Holds(log.Take(), "the next start will know less"));
  Pass(1h);
  const auto lines = log.Take();
  CHECK(lines.size() <= 1);  // Once is enough.
}

TEST_CASE_FIXTURE(BootRig, "the disk is written to once a boot, and one block every five minutes") {
  StartAgent();
  const auto record = fs::last_write_time(directory() / "record");
  Pass(24h);
  CHECK(fs::last_write_time(directory() / "record") == record);
  CHECK(fs::file_size(directory() / "alive") < 512);
}

}  // namespace
}  // namespace edgefeed
