#include "agent/boot/kernel_death.h"

#include <doctest/doctest.h>

#include <random>
#include <string>

namespace edgefeed {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kPanic =
    "Panic#1 Part1\n"
    "<6>[   71.230184] sysrq: Trigger a crash\n"
    "<0>[   71.235621] Kernel panic - not syncing: sysrq triggered crash\n"
    "<4>[   71.242038] CPU: 2 PID: 711 Comm: sh Not tainted 5.15.84-v8+ #1613\n";
constexpr std::string_view kOops =
    "Oops#1 Part1\n"
    "<1>[  803.120456][    T1] Unable to handle kernel NULL pointer dereference at virtual address "
    "0\n"
    "<0>[  803.140022] Internal error: Oops: 5 [#1] SMP ARM\n";

TEST_CASE("a panic is told by its line, with the time since boot") {
  const auto death = FindKernelDeath(kPanic, CrashText::kDmesg);
  REQUIRE(death);
  CHECK(death->is_panic);
  CHECK(death->line == "Kernel panic - not syncing: sysrq triggered crash");
  CHECK(death->since_boot == milliseconds(71'235));
}

TEST_CASE("an oops is told by its first line") {
  const auto death = FindKernelDeath(kOops, CrashText::kDmesg);
  REQUIRE(death);
  CHECK_FALSE(death->is_panic);
  CHECK(death->line == "Unable to handle kernel NULL pointer dereference at virtual address 0");
  CHECK(death->since_boot == milliseconds(803'120));
}

TEST_CASE("an oops that became a panic is a panic") {
  const std::string text =
      std::string(kOops) + "<0>[  803.200000] Kernel panic - not syncing: Fatal exception\n";
  const auto death = FindKernelDeath(text, CrashText::kDmesg);
  REQUIRE(death);
  CHECK(death->is_panic);
  CHECK(death->line == "Kernel panic - not syncing: Fatal exception");
}

TEST_CASE("a part of a panic that has not the line is one all the same") {
  const auto death =
      FindKernelDeath("Panic#2 Part3\n<6>[    0.1] Booting Linux\n", CrashText::kDmesg);
  REQUIRE(death);
  CHECK(death->is_panic);
  CHECK(death->line.empty());
}

TEST_CASE("what was kept for another reason tells of no death") {
  CHECK_FALSE(FindKernelDeath("Shutdown#1 Part1\n<4>[ 9.1] Oops: 5 [#1], long survived\n",
                              CrashText::kDmesg));
  CHECK_FALSE(FindKernelDeath("", CrashText::kDmesg));
  CHECK_FALSE(FindKernelDeath("[    5.1] Booting Linux on physical CPU 0x0\n", CrashText::kDmesg));
}

TEST_CASE("a console is always kept: only a panic in it tells") {
  const std::string oops = "[   10.5] Internal error: Oops: 5 [#1]\n";
  CHECK_FALSE(FindKernelDeath(oops, CrashText::kConsole));
  const auto death =
      FindKernelDeath(oops + "[   11.5] Kernel panic - not syncing: Attempted to kill init!\n[",
                      CrashText::kConsole);
  REQUIRE(death);
  CHECK(death->line == "Kernel panic - not syncing: Attempted to kill init!");
  CHECK(death->since_boot == milliseconds(11'500));
}

TEST_CASE("a line is bounded and printable, whatever memory held") {
  const std::string text =
      "<0>Kernel panic - not syncing: \x1b[2J\xff" + std::string(1000, 'x') + "\n";
  const auto death = FindKernelDeath(text, CrashText::kDmesg);
  REQUIRE(death);
  CHECK(death->line.starts_with("Kernel panic - not syncing: ?[2J?xxx"));
  CHECK(death->line.size() == 200);
  CHECK_FALSE(death->since_boot);
}

TEST_CASE("any bytes are read to their end") {
  std::mt19937 random(1);
  for (int i = 0; i < 5000; ++i) {
    std::string text(kPanic);
    for (int n = 0; n < 4; ++n) text[random() % text.size()] = static_cast<char>(random());
    const auto death = FindKernelDeath(text, CrashText::kDmesg);
    if (death) CHECK(death->line.size() <= 200);
  }
}

}  // namespace
}  // namespace edgefeed
