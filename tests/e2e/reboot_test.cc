// The real agent on a device that boots again and again, for all the reasons there are. The boot is
// the kernel's word: in a mount namespace of its own the agent finds another boot id, another
// pstore, and a clock that begins anew.

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include "fleet.grpc.pb.h"
#include "tests/e2e/client.h"
#include "tests/e2e/rig.h"
#include "tests/support/wrong_clock.h"

namespace edgefeed::e2e {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr const char* kPanicText =
    "Panic#1 Part1\n"
    "<6>[   71.230184] sysrq: Trigger a crash\n"
    "<0>[   71.235621] Kernel panic - not syncing: sysrq triggered crash\n";

// What the kernel says of the boot that goes on.
class Machine {
 public:
  Machine() {
    fs::create_directories(directory_.path() / "fs/pstore");
    clock_.Set(0s, WrongClock::Kernel::kUnsynchronized);
    Boot();
  }
  void Boot() {
    ++boots_;
    static_cast<void>(directory_.Write("boot_id", boot_id() + "\n"));
    clock_.SetSinceBoot(0s);
  }
  void WritePstore(const std::string& name, const std::string& text) const {
    static_cast<void>(directory_.Write("fs/pstore/" + name, text));
  }

  // Puts a program into it.
  [[nodiscard]] std::vector<std::string> wrapper() const {
    std::vector<std::string> command = {"/usr/bin/unshare", "--mount"};
    if (::geteuid() != 0) command.emplace_back("--map-root-user");
    for (const std::string& argument :
         {std::string("/bin/sh"), std::string("-c"),
          std::string("mount --bind \"$1\" /proc/sys/kernel/random/boot_id &&"
                      " mount --bind \"$2\" /sys/fs && shift 2 && exec \"$@\""),
          std::string("sh"), (directory_.path() / "boot_id").string(),
          (directory_.path() / "fs").string()}) {
      command.push_back(argument);
    }
    return command;
  }
  [[nodiscard]] std::string boot_id() const {
    return "00000000-0000-4000-8000-00000000000" + std::to_string(boots_);
  }
  [[nodiscard]] std::vector<std::string> environment() const { return clock_.environment(); }
  // Not everywhere may one have a mount namespace.
  [[nodiscard]] bool IsAllowed() const {
    auto command = wrapper();
    command.emplace_back("/bin/true");
    const fs::path program = command.front();
    Program trial({.program = program, .arguments = {command.begin() + 1, command.end()}});
    return trial.Wait(kPatience) == 0;
  }

 private:
  TempDir directory_;
  WrongClock clock_;
  int boots_ = 0;
};

class RebootFixture {
 public:
  // As with the power.
  void CutPower() {
    agent_.program().Kill();
    static_cast<void>(agent_.program().Wait(kPatience));
  }
  void ShutDown() {
    NoteShutdown({});
    agent_.program().Signal(SIGTERM);
    REQUIRE(agent_.program().Wait(kPatience) == 0);
  }
  void BootAgain() {
    machine_.Boot();
    agent_.Start();
  }
  void NoteShutdown(const std::vector<std::string>& more) const {
    auto arguments = machine_.wrapper();
    const fs::path program = arguments.front();
    arguments.erase(arguments.begin());
    const auto config = state_.Write("agent.yaml", "state_dir: state\n");
    for (const std::string& argument :
         {BuiltProgram("edgefeed-agent").string(), std::string("note-shutdown"),
          std::string("--config"), config.string()}) {
      arguments.push_back(argument);
    }
    arguments.insert(arguments.end(), more.begin(), more.end());
    Program note({.program = program,
                  .arguments = std::move(arguments),
                  .environment = machine_.environment()});
    REQUIRE(note.Wait(kPatience) == 0);
  }

  // What the collector knows of this boot, as soon as that includes the time.
  telemetry::BootInfo AwaitBoot() {
    REQUIRE(Await([&] {
      return Snapshot(Connect(collector_.address()), "board", newest_).ok() &&
             newest_.device().boot_id() == machine_.boot_id() &&
             newest_.device().boot().has_started_ms();
    }));
    return newest_.device().boot();
  }
  // boots_total{reason="…"} of the newest sample.
  [[nodiscard]] double Count(const std::string& reason) const {
    for (const auto& reading : newest_.readings()) {
      const auto& series = reading.series();
      if (series.metric() == "boots_total" && series.labels(0).value() == reason) {
        return reading.value();
      }
    }
    return -1;
  }
  [[nodiscard]] std::string Report(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"--collector", collector_.address(), "snapshot", "board"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto program = Run("edgefeedctl", std::move(arguments));
    CHECK(program->Wait(kPatience) == 0);
    return program->Output(Stream::kStdout);
  }
  [[nodiscard]] const Machine& machine() const { return machine_; }
  [[nodiscard]] RunningAgent& agent() { return agent_; }
  [[nodiscard]] RunningCollector& collector() { return collector_; }

 private:
  Machine machine_;
  TempDir state_;
  RunningCollector collector_{"rules: []"};
  RunningAgent agent_{{.name = "board",
                       .collector = collector_.address(),
                       .state_dir = (state_.path() / "state").string(),
                       .environment = machine_.environment(),
                       .wrapper = machine_.wrapper()}};
  telemetry::MetricsResponse newest_;
};

bool MayMount() {
  if (Machine().IsAllowed()) return true;
  MESSAGE("no mount namespaces here: not tried");
  return false;
}

TEST_CASE("after each reboot the operator sees why, and how long the device was away") {
  if (!MayMount()) return;
  RebootFixture board;
  CHECK(board.AwaitBoot().reason() == telemetry::BOOT_REASON_UNKNOWN);
  CHECK_FALSE(board.AwaitBoot().has_offline_ms());
  board.NoteShutdown({"--expect"});

  board.CutPower();
  LetPass(2s);
  board.BootAgain();
  CHECK(board.AwaitBoot().reason() == telemetry::BOOT_REASON_UNCLEAN);
  REQUIRE(board.AwaitBoot().has_offline_ms());
  CHECK(board.AwaitBoot().offline_ms() >= 2000);
  CHECK(board.AwaitBoot().offline_ms() < 60'000);
  CHECK(board.agent().program().WaitForLine("rebooted: power cut or reset", kPatience));
  CHECK(board.Report().find("power cut or reset") != std::string::npos);

  board.machine().WritePstore("dmesg-ramoops-0", kPanicText);
  board.CutPower();
  board.BootAgain();
  CHECK(board.AwaitBoot().reason() == telemetry::BOOT_REASON_KERNEL_PANIC);
  CHECK(board.AwaitBoot().detail() == "Kernel panic - not syncing: sysrq triggered crash");
  CHECK(board.agent().program().WaitForLine(
      "rebooted: kernel panic: Kernel panic - not syncing: sysrq triggered crash", kPatience));

  board.ShutDown();
  board.BootAgain();  // The record of the panic is still there.
  CHECK(board.AwaitBoot().reason() == telemetry::BOOT_REASON_CLEAN);
  CHECK(board.Report().find("clean shutdown, off for ") != std::string::npos);
  CHECK(board.Report({"--json"}).find(R"("reason":"BOOT_REASON_CLEAN")") != std::string::npos);
  CHECK(board.Count("unclean") == 1);
  CHECK(board.Count("kernel_panic") == 1);
  CHECK(board.Count("clean") == 1);
}

TEST_CASE(
    "an agent that starts again in the same boot is no reboot, and a collector that starts again "
    "knows them") {
  if (!MayMount()) return;
  RebootFixture board;
  board.NoteShutdown({"--expect"});
  static_cast<void>(board.AwaitBoot());
  board.CutPower();
  board.BootAgain();
  CHECK(board.AwaitBoot().reason() == telemetry::BOOT_REASON_UNCLEAN);
  CHECK(board.Count("unclean") == 1);

  board.CutPower();  // Of the agent only.
  board.collector().program().Signal(SIGTERM);
  REQUIRE(board.collector().program().Wait(kPatience) == 0);
  board.collector().Start();
  const auto stub = FleetService::NewStub(Connect(board.collector().address()));
  grpc::ClientContext context;
  const auto devices = stub->ListDevices(&context, {});
  Device device;
  REQUIRE(devices->Read(&device));
  CHECK(device.info().boot().reason() == telemetry::BOOT_REASON_UNCLEAN);
  CHECK(device.info().boot().has_started_ms());

  board.agent().Start();
  CHECK(board.AwaitBoot().reason() == telemetry::BOOT_REASON_UNCLEAN);
  CHECK(board.Count("unclean") == 1);
  CHECK(board.agent().program().CountLines("rebooted") == 0);
}

}  // namespace
}  // namespace edgefeed::e2e
