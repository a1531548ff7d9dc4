// What boards tell of their flash, supply and cooling.
#include <doctest/doctest.h>

#include "agent/proc/cooling.h"
#include "agent/proc/emmc.h"
#include "agent/proc/power_supply.h"
#include "agent/proc/under_voltage.h"
#include "tests/unit/agent/proc/fixture_readings.h"

namespace edgefeed {
namespace {

Readings ReadSource(const SourceResult& source) {
  REQUIRE(source);
  MachineState state;
  CHECK((*source)->Refresh());
  CHECK((*source)->Read(state));
  return ByName(state);
}

}  // namespace

TEST_CASE("the life of an eMMC is told in tenths, rounded up") {
  using Used = std::array<std::optional<double>, 2>;
  CHECK(ParseEmmcLifeTime("0x01 0x0a\n") == Used{0.1, 1.0});
  CHECK(ParseEmmcLifeTime("0x0B 0x00\n") == Used{1.1, std::nullopt});
  for (const char* unknown : {"", "\n", "0x00 0x00", "1 2", "0x 0x", "0x0c 0xff", "0x1g 0x100"}) {
    CAPTURE(unknown);
    CHECK(ParseEmmcLifeTime(unknown) == Used{});
  }
}

TEST_CASE("eMMCs tell how worn they are, as far as they know") {
  CHECK(ReadSource(OpenEmmc(FixtureRoots("arm64-5.15-fourcore"))) ==
        Readings{{"emmc_life_used_ratio{device=\"mmcblk0\",type=\"a\"}", 0.3},
                 {"emmc_life_used_ratio{device=\"mmcblk0\",type=\"b\"}", 0.1},
                 {"emmc_pre_eol{device=\"mmcblk0\"}", 1}});
  CHECK(ReadSource(OpenEmmc(FixtureRoots("armv7-4.9-onecore"))) ==
        Readings{{"emmc_life_used_ratio{device=\"mmcblk0\",type=\"a\"}", 1.1},
                 {"emmc_pre_eol{device=\"mmcblk0\"}", 2}});
}

TEST_CASE("a card that does not tell its life is not asked again") {
  const TemporaryDirectory tree;
  tree.Write("sys/block/mmcblk1/device/type", "SD\n");
  tree.Write("sys/block/mmcblk0boot0/device/life_time", "0x01 0x01\n");
  const auto source = OpenEmmc({tree.path() / "proc", tree.path() / "sys"});
  REQUIRE_FALSE(source);
  CHECK(source.error().code == Code::kNotFound);
}

TEST_CASE("an eMMC is looked at once in six refreshes, a minute") {
  const TemporaryDirectory tree;
  const std::string file = "sys/block/mmcblk0/device/life_time";
  tree.Write(file, "0x01 0x01\n");
  const auto source = OpenEmmc({tree.path() / "proc", tree.path() / "sys"});
  REQUIRE(source);
  const auto life = [&] {
    CHECK((*source)->Refresh());
    MachineState state;
    CHECK((*source)->Read(state));
    return ByName(state).at(R"(emmc_life_used_ratio{device="mmcblk0",type="a"})");
  };
  CHECK(life() == 0.1);
  tree.Write(file, "0x02 0x01\n");
  for (int i = 0; i < 5; ++i) CHECK(life() == 0.1);
  CHECK(life() == 0.2);
}

TEST_CASE("the firmware's bits say what is, and what has been since the boot") {
  const auto now = ParseThrottled("1\n");
  REQUIRE(now);
  CHECK(now->under_voltage);
  CHECK_FALSE(now->throttled);
  CHECK_FALSE(now->under_voltage_seen);
  const auto hot = ParseThrottled("e0008");
  CHECK(hot->throttled);
  CHECK(hot->throttled_seen);
  CHECK_FALSE(hot->under_voltage_seen);
  CHECK(ParseThrottled("0x50005")->under_voltage_seen);
  CHECK_FALSE(ParseThrottled("0")->throttled);
  for (const char* bad : {"", "0x", "throttled=0x0", "1 1", "123456789abc"}) {
    CHECK_FALSE(ParseThrottled(bad));
  }
}

TEST_CASE("a weak supply is told by a sensor and by the firmware") {
  CHECK(ReadSource(OpenUnderVoltage(FixtureRoots("arm64-5.15-fourcore"))) ==
        Readings{{"under_voltage{sensor=\"rpi_volt/in0\"}", 0},
                 {"under_voltage{sensor=\"firmware\"}", 0},
                 {"under_voltage_seen{sensor=\"firmware\"}", 1},
                 {"firmware_throttled", 0},
                 {"firmware_throttled_seen", 1}});
  CHECK(OpenUnderVoltage(FixtureRoots("armv7-4.9-onecore")).error().code == Code::kNotFound);
}

TEST_CASE("cooling is told by type, of several the one that does most") {
  CHECK(ReadSource(OpenCooling(FixtureRoots("arm64-5.15-fourcore"))) ==
        Readings{{"cooling_ratio{type=\"cpufreq-cpu0\"}", 0.5}});
  CHECK(ReadSource(OpenCooling(FixtureRoots("x86_64-6.1-server"))) ==
        Readings{{"cooling_ratio{type=\"Processor\"}", 0.3}});
  CHECK(OpenCooling(FixtureRoots("armv7-4.9-onecore")).error().code == Code::kNotFound);
}

TEST_CASE("batteries of the device, and power from outside") {
  CHECK(ReadSource(OpenPowerSupply(FixtureRoots("i686-3.10-panel"))) ==
        Readings{{"battery_charge_ratio{supply=\"BAT0\"}", 0.87},
                 {"battery_discharging{supply=\"BAT0\"}", 1},
                 {"mains_online{supply=\"AC\"}", 0}});
  CHECK(OpenPowerSupply(FixtureRoots("container-5.10")).error().code == Code::kNotFound);
}

TEST_CASE("a battery that comes is found at the next refresh, one that goes is no error") {
  const TemporaryDirectory tree;
  tree.Write("sys/class/power_supply/AC/type", "Mains\n");
  const auto source = OpenPowerSupply({tree.path() / "proc", tree.path() / "sys"});
  CHECK(ReadSource(source).empty());  // It does not say.
  tree.Write("sys/class/power_supply/BAT/type", "Battery\n");
  tree.Write("sys/class/power_supply/BAT/capacity", "300\n");
  tree.Write("sys/class/power_supply/BAT/status", "Full\n");
  CHECK(ReadSource(source) == Readings{{"battery_discharging{supply=\"BAT\"}", 0}});
  std::filesystem::remove_all(tree.path() / "sys/class/power_supply");
  CHECK(ReadSource(source).empty());
}

}  // namespace edgefeed
