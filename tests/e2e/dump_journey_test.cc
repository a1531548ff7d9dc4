// From a crash on a device to a backtrace at the operator's: real programs, a real core.

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "tests/e2e/client.h"
#include "tests/e2e/rig.h"
#include "tests/support/real_core.h"
#include "tests/support/temp_dir.h"

namespace edgefeed::e2e {
namespace {

namespace fs = std::filesystem;

class Journey {
 public:
  explicit Journey(const std::string& mode = "auto") {
    agent_yaml_ = directory_.Write(
        "agent.yaml", "service_name: board\ncollector: {address: " + collector_.address() +
                          "}\nstate_dir: state\nsample_interval: 100ms\n"
                          "crash_dumps: {systemd_directory: '', upload_rate: 0B, mode: " +
                          mode + ", directories: [state/crashes]}\n");
    agent_ = Run("edgefeed-agent", {"--config", agent_yaml_.string()});
    REQUIRE(agent_->WaitForLine("connected to", kPatience));
    telemetry::MetricsResponse sample;
    REQUIRE(Await([&] { return Snapshot(Connect(collector_.address()), "board", sample).ok(); }));
    REQUIRE(Await([&] { return fs::exists(directory_.path() / "state" / "crashes"); }));
  }

  // As the kernel does: the core on stdin, and of the process only numbers.
  void Capture(const fs::path& core) {
    // The kernel gives whole seconds: of this one the agent may have no sample yet.
    const std::string next_second = std::to_string(NowMillis() / 1000 + 1);
    ProgramSpec spec{.program = BuiltProgram("edgefeed-agent"),
                     .arguments = {"capture", "--config", agent_yaml_.string(),
                                   std::to_string(::getpid()), "4711", "42", "11", next_second},
                     .stdin_file = core};
    Program handler(std::move(spec));
    const auto handled = handler.Wait(kPatience);
    INFO(handler.Output(Stream::kStderr));
    REQUIRE(handled == 0);
    REQUIRE_MESSAGE(agent_->WaitForLine("delivered", 2 * kPatience),
                    agent_->Output(Stream::kStderr));
  }

  std::string Ctl(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--collector", collector_.address()});
    const auto ctl = Run("edgefeedctl", std::move(arguments));
    const auto status = ctl->Wait(kPatience);
    INFO(ctl->Output(Stream::kStderr));
    CHECK(status == 0);
    return ctl->Output(Stream::kStdout);
  }

  // The id of the only dump.
  std::string DumpId() {
    const std::string json = Ctl({"--json", "dumps"});
    const std::string last = json.substr(json.rfind('\n', json.size() - 2) + 1);
    const std::string key = "\"id\":\"";
    const std::size_t at = last.find(key);
    REQUIRE(at != std::string::npos);
    return last.substr(at + key.size(), 16);
  }

  [[nodiscard]] const fs::path& directory() const { return directory_.path(); }

 private:
  TempDir directory_;
  RunningCollector collector_{"rules: []"};
  fs::path agent_yaml_;
  std::unique_ptr<Program> agent_;
};

TEST_CASE("a crash on the device is a backtrace with names and a core for the debugger") {
  const TempDir crash;
  const auto core = MakeCore(crash.path(), {.how = "null", .threads = 3});
  if (!core) return;
  Journey journey;
  journey.Capture(*core);

  const std::string list = journey.Ctl({"dumps"});
  CHECK(list.find("SIGSEGV") != std::string::npos);
  CHECK(list.find("board") != std::string::npos);
  const std::string id = journey.DumpId();
  // The collector looks into a dump after it has said that it has it.
  std::string report;
  REQUIRE(Await([&] {
    report = journey.Ctl({"dumps", "show", id.substr(0, 8)});
    return report.find("WriteThroughNull") != std::string::npos;
  }));
  for (const std::string text : {"CrashAsTold", "crasher/main.cc:", "WaitForTheCrash", "SIGSEGV",
                                 "at 0x0", "registers", "memory_available_bytes", "user 42"}) {
    CAPTURE(text);
    CHECK(report.find(text) != std::string::npos);
  }
  const fs::path got = journey.directory() / "core";
  journey.Ctl({"dumps", "get", id, got.string()});
  CHECK((ReadWhole(got) == ReadWhole(*core)));

  CHECK(journey.Ctl({"dumps", "rm", id}).find("1 dump removed") != std::string::npos);
  CHECK(journey.Ctl({"dumps"}).find(id.substr(0, 8)) == std::string::npos);
}

TEST_CASE("secrets of the heap and the environment stay on the device when only stacks leave it") {
  const TempDir crash;
  const std::string secret = "correct-horse-battery-staple";
  const auto core = MakeCore(crash.path(), {.how = "abort", .megabytes = 4, .secret = secret});
  if (!core) return;
  const std::string backwards(secret.rbegin(), secret.rend());
  REQUIRE(ReadWhole(*core).find(secret) != std::string::npos);
  REQUIRE(ReadWhole(*core).find(backwards) != std::string::npos);
  Journey journey("stacks");
  journey.Capture(*core);

  const fs::path got = journey.directory() / "core";
  journey.Ctl({"dumps", "get", journey.DumpId(), got.string()});
  const std::string reduced = ReadWhole(got);
  CHECK(reduced.size() < (1 << 20));
  CHECK(reduced.find(secret) == std::string::npos);
  CHECK(reduced.find(backwards) == std::string::npos);
  CHECK(journey.Ctl({"--json", "dumps", "show", journey.DumpId()}).find(secret) ==
        std::string::npos);
}

}  // namespace
}  // namespace edgefeed::e2e
